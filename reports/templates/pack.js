// Charts stand in the page as pictures; here they learn to answer the pointer.
(() => {
  "use strict";
  const NEAR = 600; // pixels outside of the window from which on a chart is made ready
  const refuse = () => Promise.reject(new Error("a pack fetches nothing"));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

  // The expression interpreter (which needs no eval) reads datetime(ms) as a year: give it the
  // number itself.
  const plain = (spec) =>
    JSON.parse(JSON.stringify(spec).replace(/datetime\((-?\d+(?:\.\d+)?)\)/g, "$1"));

  const enliven = async (figure) => {
    const source = figure.querySelector("script.spec");
    const drawing = figure.querySelector(".drawing");
    if (!source || !drawing || !window.vegaEmbed) return;
    const live = document.createElement("div");
    live.className = "live";
    live.setAttribute("aria-hidden", "true");
    drawing.append(live);
    try {
      await document.fonts.load("11px Inter"); // labels are measured while drawing
      await window.vegaEmbed(live, JSON.parse(source.textContent), {
        mode: "vega-lite",
        renderer: "svg",
        actions: false,
        ast: true,
        patch: plain,
        defaultStyle: false,
        tooltip: { disableDefaultStyle: true },
        loader,
      });
      const still = drawing.querySelector(".still svg");
      const drawn = live.querySelector("svg");
      if (still && drawn) drawn.setAttribute("viewBox", still.getAttribute("viewBox"));
      figure.classList.add("enlivened");
    } catch (error) {
      live.remove(); // the picture stays
      console.error(error);
    }
  };

  const charts = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      charts.unobserve(entry.target);
      enliven(entry.target);
    }
  }, { rootMargin: `${NEAR}px` });
  document.querySelectorAll("figure.chart").forEach((figure) => {
    if (figure.getBoundingClientRect().top < window.innerHeight + NEAR) enliven(figure);
    else charts.observe(figure);
  });

  const links = new Map(
    [...document.querySelectorAll("nav.contents a")].map((link) => [link.hash.slice(1), link]),
  );
  const places = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = links.get(entry.target.id);
      if (!link) continue;
      if (entry.isIntersecting) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-20% 0px -60% 0px" });
  document.querySelectorAll("main > section[id]").forEach((section) => places.observe(section));
})();
