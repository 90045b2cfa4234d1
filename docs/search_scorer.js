// How the search ranks what it found. Sphinx counts a heading anywhere on a page as much as the page's own title, so
// that "huber" led to four pages before that of the Huber loss. Here a title with the words of the query comes first.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,

  score(result) {
    const [page, title, anchor, , score, , kind] = result;
    const words = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const wanted = words(new URLSearchParams(window.location.search).get("q") || "");
    const section = title.includes(" > ");
    const there = words(title.split(" > ").pop());
    const shared = wanted.filter((word) => there.some((other) => other.startsWith(word))).length;
    const whole = !section && wanted.join() === there.join();
    const word = kind === "index" && anchor.startsWith("#term-");
    if (word) result[3] = "what the word means";
    const shelf = { guide: 4, functions: 3, losses: 3, tutorials: 2, lectures: -2 }[page.split("/")[0]] || 0;
    const share = wanted.length ? shared / wanted.length : 0;
    return Math.min(score, 30) + share * (section ? 28 : 40) + (whole || (word && score === 100) ? 25 : 0) + shelf;
  },
};
