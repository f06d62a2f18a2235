// Resolves with true where a page of a known shape is shown and stays so for a moment, with false when
// the time is over.
(shape) => (known, moment, milliseconds, user) =>
  new Promise((resolve) => {
    const began = performance.now();
    let last = { shape: null, since: began };
    const end = (met) => {
      clearInterval(interval);
      resolve(met);
    };
    const look = () => {
      const [now, seen] = [performance.now(), shape(user)];
      if (seen !== last.shape) last = { shape: seen, since: now };
      if (known.includes(seen) && now - last.since >= moment) end(true);
      else if (now - began >= milliseconds) end(false);
    };
    const interval = setInterval(look, 100);
    look();
  })
