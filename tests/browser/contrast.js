// Every text on the page whose contrast with what is behind it is less than WCAG 2.2 asks at level AA.
() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour)
      .slice(0, 3)
      .map((value) => value / 255)
      .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const opaque = (colour) => channels(colour)[3] !== 0;
  const isDrawn = (element) => element instanceof SVGTextElement;
  const ink = (element) => getComputedStyle(element)[isDrawn(element) ? "fill" : "color"];
  const behind = (element) => {
    const shape = isDrawn(element) && element.previousElementSibling;
    if (shape && shape.tagName === "circle") return getComputedStyle(shape).fill;
    for (let here = element; here; here = here.parentElement) {
      const colour = getComputedStyle(here).backgroundColor;
      if (opaque(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (element) => {
    const lights = [ink(element), behind(element)].map(luminance).sort((a, b) => b - a);
    return (lights[0] + 0.05) / (lights[1] + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")]
    .filter((element) => hasText(element) && element.checkVisibility())
    .filter((element) => contrast(element) < 4.5)
    .map((element) => `${element.textContent.trim()}: ${contrast(element).toFixed(2)}`);
};
