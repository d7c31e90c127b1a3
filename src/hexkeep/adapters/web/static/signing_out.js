(() => {
  "use strict";
  const patience = 5000;
  const onward = document.getElementById("onward");
  const loaded = new Promise((done) => {
    if (document.readyState === "complete") done();
    else addEventListener("load", done);
  });
  const tired = new Promise((done) => setTimeout(done, patience));
  Promise.race([loaded, tired]).then(() => location.replace(onward.href));
})();
