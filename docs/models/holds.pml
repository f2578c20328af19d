/*
 * Holds: the held bit in a fence's word, the count beside it, and the issuer's reference; the life ends exactly once.
 *
 * Stands for:
 *   runtime/hold.go: Hold, Release, Err, hold, unhold, release
 *   runtime/signal.go: Signal, Finish, Drop, signal, left, endLife
 *   runtime/run.go: ran, clearRunning
 *   cbqueue/sweep.go: sweep (its first and last CAS of the word)
 *   cbqueue/add.go: Add (its CAS)
 *
 * Invariants: R1, R2, R3, R4, R5, R6 of runtime; Q7 of cbqueue.
 *
 * Threads: an issuer for each of two lives of the slot (Finish on its short way and its long one; Signal and then Drop; Drop of a
 * fence that is pending; Signal, with Drop in the callback); two holders, each with a handle of either life, whether it
 * lasts still or not; one that adds a callback, in either life; one that sweeps, in either life. Not all at once: see the
 * parameters.
 *
 * Left out: the list behind the word (fence.pml), saturation of the count, user data and its grace period (epoch.pml), the
 * arena between the two lives: the second is armed as soon as the first has ended.
 *
 * Faults: COUNT_FIRST, REVIVES_ZERO, ISSUER_NOT_COUNTED, HELD_IS_IGNORED, DROP_ENDS_A_RUN, HOLDS_A_DROPPED_WORD.
 */

#ifndef ISSUERS
#define ISSUERS 1
#endif
#ifndef SWEEPERS
#define SWEEPERS 1
#endif
#ifndef HOLDERS
#define HOLDERS 2
#endif

/* The word: bit 0 a callback hangs on it, while it is open. */
#define NODE 1
#define SWEEPING 2
#define CLOSED 4
#define RUNNING 8
#define DROPPED 16
#define HELD 32
#define LIFE 64
#define LIVES 192
#define lifeOf(b) ((b) / LIFE) /* 1, 2; 3 is the end */

/* A count of holds: the life in bits[4:], the references in bits[0:4]. */
#define COUNTED 16
#define countedIn(v) ((v) / COUNTED)

short B = LIFE;
short holds;

/* What the checks need to know, by life. */
byte held[4];    /* holds that were granted and not given back */
bool closed[4], ended[4], running[4], over;
byte threads;

inline cas(w, old, new, ok) {
	d_step {
		ok = (w == (old));
		if
		:: ok -> w = new
		:: else -> skip
		fi
	}
}

/* The end of the life is a store: b is the word as the caller knows it, and nobody else changes it. */
inline endLife(l, b) {
	d_step {
		assert(B == (b)); /* R3 */
		assert(!ended[l] && closed[l]);
		assert(held[l] == 0 && !running[l]); /* R4, R5, Q7 */
		ended[l] = true;
		B = (l + 1) * LIFE
	}
}

/* unhold gives up a reference: last tells whether it was the last. */
inline unhold(l) {
	do
	:: atomic {
			v = holds;
			if
			:: countedIn(v) < l -> next = l * COUNTED
			:: v == l * COUNTED ->
				last = false;
				break
			:: else -> next = v - 1
			fi
		};
		atomic {
			cas(holds, v, next, ok);
			if
			:: ok ->
				last = (next == l * COUNTED);
				break
			:: else -> skip
			fi
		}
	od
}

/* left: what every change of a closed word ends with. */
inline left(l, b) {
	if
	:: ((b) & (DROPPED | RUNNING | SWEEPING)) == DROPPED ->
#ifdef HELD_IS_IGNORED
		last = true;
#else
		if
		:: ((b) & HELD) == 0 -> last = true
		:: else -> unhold(l)
		fi;
#endif
		if
		:: last -> endLife(l, b)
		:: else -> skip
		fi
	:: else -> skip
	fi
}

/* drop sets dropped in a closed word, and may find the life's end. */
inline drop(l) {
	do
	:: d_step {
			b = B;
			assert(lifeOf(b) == l && (b & CLOSED) != 0 && (b & DROPPED) == 0)
		};
		atomic {
			cas(B, b, b | DROPPED, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		}
	od;
#ifdef DROP_ENDS_A_RUN
	left(l, (b | DROPPED) & ~RUNNING)
#else
	left(l, b | DROPPED)
#endif
}

proctype issuer(byte l) {
	short b, c, v, next;
	byte how;
	bool ok, last;

	(lifeOf(B) >= l); /* armed */
	select(how : 0 .. 2); /* Finish; Signal and Drop; Signal, and Drop in the callback */
	/* The short way: neither a callback nor a holder. */
	if
	:: how == 0 ->
		d_step {
			ok = (B == l * LIFE);
			if
			:: ok ->
				assert(!closed[l] && held[l] == 0);
				closed[l] = true;
				ended[l] = true;
				B = (l + 1) * LIFE
			:: else -> skip
			fi
		};
		if
		:: ok -> goto done
		:: else -> skip
		fi
	:: else -> skip
	fi;
	do
	:: d_step {
			b = B;
			assert(lifeOf(b) == l && (b & CLOSED) == 0);
			c = (b & ~NODE) | CLOSED;
			if
			:: (b & NODE) != 0 -> c = c | RUNNING
			:: else -> skip
			fi;
			if
			:: how == 0 -> c = c | DROPPED
			:: else -> skip
			fi
		};
		d_step {
			ok = (B == b);
			if
			:: ok ->
				B = c;
				assert(!closed[l]); /* R1 */
				closed[l] = true;
				running[l] = ((c & RUNNING) != 0)
			:: else -> skip
			fi
		};
		if
		:: ok -> break
		:: else -> skip
		fi
	od;
	if
	:: (c & RUNNING) == 0 -> left(l, c)
	:: else ->
		if
		:: how == 2 ->
			drop(l);
			how = 0
		:: else -> skip
		fi;
		assert(lifeOf(B) == l); /* the callback finds the result (R5) */
		running[l] = false;
		if
		:: (c & (DROPPED | SWEEPING)) == DROPPED && (c & HELD) == 0 -> endLife(l, c)
		:: (c & (DROPPED | SWEEPING)) == DROPPED && (c & HELD) != 0 ->
			d_step {
				assert(B == c);
				B = c & ~RUNNING /* a store: closed, dropped, held already */
			};
			left(l, c & ~RUNNING)
		:: else ->
			do
			:: b = B;
				atomic {
					cas(B, b, b & ~RUNNING, ok);
					if
					:: ok -> break
					:: else -> skip
					fi
				}
			od;
			left(l, b & ~RUNNING)
		fi
	fi;
	if
	:: how != 0 -> drop(l)
	:: else -> skip
	fi;
done:
	skip;
	d_step {
		b = 0;
		c = 0;
		v = 0;
		next = 0;
		how = 0;
		ok = false;
		last = false;
		threads--
	}
}

proctype holder() {
	short b, v, next;
	byte l;
	bool ok, last;

	/* A handle of a life that was armed. */
	if
	:: l = 1
#if ISSUERS > 1
	:: lifeOf(B) >= 2 -> l = 2
#endif
	fi;

	/* hold */
#ifndef COUNT_FIRST
	do
	:: atomic {
			b = B;
			if
#ifdef HOLDS_A_DROPPED_WORD
			:: lifeOf(b) != l -> goto done
#else
			:: lifeOf(b) != l || (b & (CLOSED | DROPPED | HELD)) == (CLOSED | DROPPED) -> goto done
#endif
			:: else -> skip
			fi;
			if
			:: (b & HELD) != 0 -> break
			:: else -> skip
			fi
		};
		atomic {
			cas(B, b, b | HELD, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		}
	od;
#endif
	do
	:: atomic {
			v = holds;
			next = v + 1;
			if
#ifdef ISSUER_NOT_COUNTED
			:: countedIn(v) < l -> next = l * COUNTED + 1
#else
			:: countedIn(v) < l -> next = l * COUNTED + 2
#endif
#ifdef REVIVES_ZERO
			:: countedIn(v) > l -> goto done
#else
			:: countedIn(v) > l || v == l * COUNTED -> goto done
#endif
			:: else -> skip
			fi
		};
		atomic {
			d_step {
				ok = (holds == v);
				if
				:: ok ->
					holds = next;
					held[l]++
				:: else -> skip
				fi
			};
			if
			:: ok -> break
			:: else -> skip
			fi
		}
	od;
#ifdef COUNT_FIRST
	do
	:: b = B;
		if
		:: lifeOf(b) != l ->
			held[l]--;
			goto done
		:: (b & HELD) != 0 -> break
		:: else -> cas(B, b, b | HELD, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		fi
	od;
#endif

	/* It is held: Err knows the result, or that it is pending. */
	assert(lifeOf(B) == l); /* R6 */

	/* release, with the checks that find one too many: this one isn't. */
	v = holds;
	b = B;
	assert(countedIn(v) == l && v != l * COUNTED && (v != l * COUNTED + 1 || (b & DROPPED) != 0));
	d_step {
		assert(lifeOf(B) == l && held[l] > 0);
		held[l]--
	};
	unhold(l);
	if
	:: last ->
		b = B;
		endLife(l, b)
	:: else -> skip
	fi;
done:
	skip;
	d_step {
		b = 0;
		v = 0;
		next = 0;
		l = 0;
		ok = false;
		last = false;
		threads--
	}
}

/* One that adds a callback, or comes too late. */
proctype adder() {
	short b;
	byte l;
	bool ok;

	if
	:: l = 1
#if ISSUERS > 1
	:: lifeOf(B) >= 2 -> l = 2
#endif
	fi;
	do
	:: atomic {
			b = B;
			if
			:: lifeOf(b) != l || (b & CLOSED) != 0 -> break
			:: else -> skip
			fi
		};
		atomic {
			cas(B, b, b | NODE, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		}
	od;
	skip;
	d_step {
		b = 0;
		l = 0;
		ok = false;
		threads--
	}
}

#if SWEEPERS > 0
/* One whose cancel sweeps: it may be the last to leave the word. */
proctype sweeper() {
	short b, v, next;
	byte l;
	bool ok, last;

	if
	:: l = 1
#if ISSUERS > 1
	:: lifeOf(B) >= 2 -> l = 2
#endif
	fi;
	do
	:: atomic {
			b = B;
			if
			:: lifeOf(b) != l || (b & CLOSED) != 0 || (b & NODE) == 0 -> goto done
			:: else -> skip
			fi
		};
		atomic {
			cas(B, b, b | SWEEPING, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		}
	od;
	do
	:: d_step {
			b = B;
			assert(lifeOf(b) == l && (b & SWEEPING) != 0) /* Q7 */
		};
		atomic {
			cas(B, b, b & ~SWEEPING, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		}
	od;
	left(l, b & ~SWEEPING);
done:
	skip;
	d_step {
		b = 0;
		v = 0;
		next = 0;
		l = 0;
		ok = false;
		last = false;
		threads--
	}
}
#endif

init {
	byte i;
	atomic {
		threads = ISSUERS + HOLDERS + 1 + SWEEPERS;
		run issuer(1);
#if ISSUERS > 1
		run issuer(2);
#endif
		run holder();
#if HOLDERS > 1
		run holder();
#endif
#if SWEEPERS > 0
		run sweeper();
#endif
		run adder()
	};
	(threads == 0);
	for (i : 1 .. ISSUERS) {
		assert(ended[i] && held[i] == 0)
	};
	assert(lifeOf(B) == 1 + ISSUERS && (B & (LIFE - 1) & ~NODE & ~HELD) == 0);
	over = true
}

/* All come to an end, and so does each life, once. */
ltl ends { <> over && [] (closed[1] -> <> ended[1]) }
