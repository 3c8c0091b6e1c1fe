"""Where the games come from, one line a source, by the keys of docs/references.bib."""

from __future__ import annotations

CITATIONS: dict[str, str] = {
    "abreu_gul_2000": "Abreu and Gul (2000). Bargaining and Reputation. Econometrica 68(1), 85-117.",
    "aguirregabiria_mira_2007": (
        "Aguirregabiria and Mira (2007). "
        "Sequential Estimation of Dynamic Discrete Games. Econometrica 75(1), 1-53."
    ),
    "atkinson_1987": (
        "Atkinson, Sandler and Tschirhart (1987). "
        "Terrorism in a Bargaining Framework. Journal of Law and Economics 30(1), 1-21."
    ),
    "binmore_1986": (
        "Binmore, Rubinstein and Wolinsky (1986). "
        "The Nash Bargaining Solution in Economic Modelling. RAND Journal of Economics 17(2), 176-188."
    ),
    "boehmke_2020": (
        "Boehmke, Dion and Shipan (2020). "
        "A Duration Estimator for a Continuous Time War of Attrition Game. Political Science Research and Methods."
    ),
    "crismancox_gibilisco_2019": (
        "Crisman-Cox and Gibilisco (2019). "
        "Estimating Signaling Games in International Relations: Problems and Solutions. "
        "Political Science Research and Methods."
    ),
    "cross_1965": (
        "Cross (1965). A Theory of the Bargaining Process. American Economic Review 55(1), 67-94."
    ),
    "fearon_1994": (
        "Fearon (1994). "
        "Domestic Political Audiences and the Escalation of International Disputes. American Political Science Review 88(3), 577-592."
    ),
    "fearon_1995": (
        "Fearon (1995). Rationalist Explanations for War. International Organization 49(3), 379-414."
    ),
    "feller_1968": "Feller (1968). An Introduction to Probability Theory and Its Applications. Wiley.",
    "iqbal_2017": (
        "Iqbal, Masson and Abbott (2017). "
        "Kidnapping Model: An Extension of Selten's Game. Royal Society Open Science 4(12)."
    ),
    "kenkel_signorino_2014": (
        "Kenkel and Signorino (2014). "
        "Estimating Extensive Form Games in R. Journal of Statistical Software 56(8), 1-27."
    ),
    "kydd_2003": (
        "Kydd (2003). "
        "Which Side Are You On? Bias, Credibility, and Mediation. American Journal of Political Science 47(4), 597-611."
    ),
    "lapan_sandler_1988": (
        "Lapan and Sandler (1988). "
        "To Bargain or Not to Bargain: That Is the Question. American Economic Review 78(2), 16-21."
    ),
    "lewis_schultz_2003": (
        "Lewis and Schultz (2003). "
        "Revealing Preferences: Empirical Estimation of a Crisis Bargaining Game with Incomplete Information. Political Analysis 11(4), 345-367."
    ),
    "mckelvey_palfrey_1995": (
        "McKelvey and Palfrey (1995). "
        "Quantal Response Equilibria for Normal Form Games. Games and Economic Behavior 10(1), 6-38."
    ),
    "mckelvey_palfrey_1998": (
        "McKelvey and Palfrey (1998). "
        "Quantal Response Equilibria for Extensive Form Games. Experimental Economics 1, 9-41."
    ),
    "ochs_1995": (
        "Ochs (1995). "
        "Games with Unique, Mixed Strategy Equilibria: An Experimental Study. Games and Economic Behavior 10, 202-217."
    ),
    "ramsay_signorino_2009": (
        "Ramsay and Signorino (2009). A Statistical Model of the Ultimatum Game. Manuscript."
    ),
    "rubinstein_1982": (
        "Rubinstein (1982). Perfect Equilibrium in a Bargaining Model. Econometrica 50(1), 97-109."
    ),
    "rust_1987": (
        "Rust (1987). "
        "Optimal Replacement of GMC Bus Engines: An Empirical Model of Harold Zurcher. Econometrica 55(5), 999-1033."
    ),
    "schultz_1998": (
        "Schultz (1998). "
        "Domestic Opposition and Signaling in International Crises. American Political Science Review 92(4), 829-844."
    ),
    "selten_1975": (
        "Selten (1975). "
        "Reexamination of the Perfectness Concept for Equilibrium Points in Extensive Games. International Journal of Game Theory 4, 25-55."
    ),
    "selten_1977": (
        "Selten (1977). "
        "A Simple Game Model of Kidnapping. in Mathematical Economics and Game Theory, 139-156."
    ),
    "signorino_1999": (
        "Signorino (1999). "
        "Strategic Interaction and the Statistical Analysis of International Conflict. American Political Science Review 93(2), 279-297."
    ),
    "signorino_2003": (
        "Signorino (2003). "
        "Structure and Uncertainty in Discrete Choice Models. Political Analysis 11(4), 316-344."
    ),
    "slantchev_2003": (
        "Slantchev (2003). "
        "The Principle of Convergence in Wartime Negotiations. American Political Science Review 97(4), 621-632."
    ),
    "smith_stam_2004": (
        "Smith and Stam (2004). "
        "Bargaining and the Nature of War. Journal of Conflict Resolution 48(6), 783-813."
    ),
    "sobel_takahashi_1983": (
        "Sobel and Takahashi (1983). "
        "A Multistage Model of Bargaining. Review of Economic Studies 50(3), 411-426."
    ),
    "turocy_2005": (
        "Turocy (2005). "
        "A Dynamic Homotopy Interpretation of the Logistic Quantal Response Equilibrium Correspondence. Games and Economic Behavior 51(2), 243-263."
    ),
}


def citation(key: str) -> str:
    """The source of a key, in words."""
    return CITATIONS[key]
