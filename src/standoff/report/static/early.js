document.documentElement.classList.add("scripted");
try {
  const chosen = localStorage.getItem("standoff-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch (_) { /* no storage: the system's theme holds */ }
