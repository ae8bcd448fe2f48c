var old = 1; window.old = old;
