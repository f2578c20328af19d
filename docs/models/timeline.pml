/*
 * A timeline: the value, the box and its owner, who delivers; nobody sleeps on work (W4).
 *
 * Stands for:
 *   internal/wheel/add.go: Add, push, late
 *   internal/wheel/advance.go: Advance, Raise, Quiet, Kick, become
 *   internal/wheel/deliver.go: Next, more, pass, claim, Adopt
 *   internal/wheel/release.go: quit, release, regain, leave, tryOwn
 *   internal/wheel/cancel.go: Cancel, died, visit, Sweep
 *   internal/wheel/close.go: CloseWheel
 *   internal/wheel/wheel.go: ahead, Status
 *   runtime/timeline_deliver.go: deliverRest, handOver, adopt
 *
 * Invariants: W1 to W7 and W9 of internal/wheel; P4 of runtime in part: a delivery that was handed over ends.
 *
 * Threads: one that adds a callback for a point from 1 to 3, may cancel it and sweep after that, and else waits for it to run;
 * another that adds and waits, or with PLACED a callback that is there from the beginning; one that advances to 1 and then to 3; one that advances to 2, or with CLOSER closes; one that delivers
 * what is handed over. Not all at once: see the parameters. Who delivers for values that others have reached may hand over at any callback.
 *
 * Rounding is coarse: round(s) is s / 2, so the exact word decides often. The buckets are a set, whose lowest point the
 * owner finds in one step (W8 is the fuzz test's), and to sort what was in the box is one step: all of it is the owner's.
 *
 * Left out: generations of nodes, the short way for a single callback (KickOne, EndOne), calls in callbacks, debt (a sweep
 * may come after any cancel).
 *
 * Faults: NO_SECOND_LOOK, ADD_WITHOUT_LOOK, LOOK_BEFORE_RAISE, RELEASE_FORGETS_BOX, EXACT_BEHIND (the look), NOT_HANDED_OVER,
 * CANCEL_WITHOUT_LOOK, CODE_BEHIND.
 */

#define NODES 2
#define ENDED 8 /* the closed bit of the value */
#define round(v) ((v) / 2)

#ifndef ADDERS
#define ADDERS 1
#endif
#ifndef STEPS
#define STEPS 1, 3 /* of the first advancer; 3 is its last */
#endif
#ifndef CANCELS
#define CANCELS false /* whether the first adder may cancel */
#endif
#ifndef ADVANCERS
#define ADVANCERS 1 /* the second goes to 2 */
#endif
#ifdef CLOSER
#define CLOSERS 1
#else
#define CLOSERS 0
#endif

/* The box: bits[0:2] the newest node, bit 2 busy, bits[3:6] the minimum; 7: nothing. */
#define HEAD 3
#define BUSY 4
#define MIN 8
#define NOTHING 7
#define EMPTY (NOTHING * MIN + BUSY)
#define head(b) ((b) & HEAD)
#define least(b) ((b) / MIN)
#define NONE 15 /* of exact */

byte value, code;
byte box = NOTHING * MIN, exact = NONE;

/* Nodes. */
#define PENDING 0
#define TENTATIVE 1
#define CANCELED 2
#define CLAIMED 3
byte word[NODES + 1], point[NODES + 1], next[NODES + 1];

/* What belongs to the wheel's owner. */
bool sorted[NODES + 1];
byte limit;
bool handed; /* the wheel was handed over, busy */

/* What the checks need to know. */
bool owned;
bool boxed[NODES + 1], ran[NODES + 1], killed[NODES + 1], withdrawn[NODES + 1];
byte before[NODES + 1]; /* the value when the node was added */
bool over;
byte threads;

/* own takes the wheel, whose box was b: what was in it is sorted, but for what was canceled, and for mine. */
inline own(b, v, mine) {
	assert(!owned && (b & BUSY) == 0); /* W2 */
	owned = true;
	sort(b, v, mine)
}

inline sort(b, v, mine) {
	box = EMPTY;
	limit = v;
	i = head(b);
	do
	:: i != 0 ->
		assert(boxed[i]); /* W1 */
		boxed[i] = false;
		if
		:: i == mine -> withdrawn[i] = true
		:: i != mine && word[i] != CANCELED -> sorted[i] = true
		:: else -> skip
		fi;
		i = next[i]
	:: else -> break
	od
}

/* lowest finds the first sorted node and its point. */
inline lowest() {
	i = 0;
	s = NONE;
	if
	:: sorted[1] ->
		i = 1;
		s = point[1]
	:: else -> skip
	fi;
	if
	:: sorted[2] && point[2] < s ->
		i = 2;
		s = point[2]
	:: else -> skip
	fi
}

/* call runs a callback. */
inline call(n) {
	assert(!ran[n] && !killed[n] && !withdrawn[n]);
	assert(value >= point[n]); /* never before its value */
	assert(point[n] <= (value & ~ENDED) || code != 0); /* W9 */
	/* In order, among those that were added before the value came to either (W7). */
	assert(!ran[NODES + 1 - n] || point[NODES + 1 - n] <= point[n] || before[n] >= point[n] || before[NODES + 1 - n] >= point[n]);
	ran[n] = true
}

/* take becomes the owner if something may be due at v, unless somebody else is: become, late, regain. fresh: v is the value. */
inline take(fresh, always, mine) {
	mineToo = false;
	do
	:: if
		:: fresh -> v = value
		:: else -> skip
		fi;
		atomic {
			b = box;
			if
			:: (b & BUSY) != 0 -> break
			:: else -> skip
			fi;
			quiet = (least(b) > round(v))
		};
		atomic {
			/* ahead: exact is looked at where rounding leaves it open */
			if
			:: !quiet && least(b) == round(v) && head(b) == 0 -> quiet = (exact > v)
			:: else -> skip
			fi;
			if
			:: quiet && !always -> break
			:: else -> skip
			fi
		};
		atomic {
			if
			:: box == b ->
				d_step {
					own(b, v, mine);
					mineToo = true
				};
				break
			:: else -> skip
			fi
		}
	od
}

/* deliver is Next until it ends. The caller owns the wheel and has begun a pass. reached is the value that it has reached
 * itself; mode says what it does beyond. */
#define HANDS 0    /* runs nothing itself: leave */
#define BUDGETED 1 /* may hand over what lies beyond */
#define ADOPTED 2  /* runs it all */
inline deliver(mode, reached) {
	do
	:: d_step {
			lowest()
		};
		if
		:: i != 0 && s <= limit && (mode == HANDS || mode == BUDGETED && s > reached) ->
#ifdef NOT_HANDED_OVER
			d_step {
				owned = false;
				exact = s;
				box = round(s) * MIN | head(box)
			};
#else
			atomic {
				assert(!handed);
				handed = true
			};
#endif
			break
		:: i != 0 && s <= limit && mode != HANDS ->
			/* Next */
			atomic {
				sorted[i] = false;
				p = word[i];
				if
				:: p == PENDING -> d_step {
						call(i)
					}
				:: else -> skip
				fi
			};
			if
			:: p == TENTATIVE ->
				atomic {
					if
					:: word[i] == TENTATIVE ->
						word[i] = CLAIMED;
						d_step {
							call(i)
						}
					:: else -> assert(word[i] == CANCELED)
					fi
				}
			:: else -> skip
			fi
		:: else ->
			if
			:: i != 0 && s <= limit -> skip
			:: else ->
				/* quit */
				v = value; /* before the box (W7) */
				b = box;
				if
				:: i != 0 && s <= v || head(b) != 0 && least(b) <= round(v) ->
					d_step {
						if
						:: head(b) == 0 -> limit = v
						:: head(b) != 0 && box == b -> sort(b, v, 0)
						:: else -> skip
						fi
					}
				:: else ->
#ifndef EXACT_BEHIND
					exact = s;
#endif
					d_step {
						quiet = (box == b);
						if
						:: quiet ->
							owned = false;
#ifdef RELEASE_FORGETS_BOX
							box = ((i != 0) -> round(s) : NOTHING) * MIN | head(b)
#else
							if
							:: i != 0 && round(s) < least(b) -> box = round(s) * MIN | head(b)
							:: else -> box = least(b) * MIN | head(b)
							fi
#endif
						:: else -> skip
						fi
					};
					if
					:: quiet ->
#ifdef NO_SECOND_LOOK
						break
#else
						if
						:: value == v ->
#ifdef EXACT_BEHIND
							exact = s;
#endif
							break
						:: else ->
							take(true, false, 0);
							if
							:: mineToo -> skip
							:: else -> break
							fi
						fi
#endif
					:: else -> skip /* something was added */
					fi
				fi
			fi
		fi
	od;
	skip;
	d_step {
		i = 0;
		s = 0;
		p = 0;
		b = 0;
		v = 0;
		quiet = false;
		mineToo = false
	}
}

proctype advancer(byte first, last) {
	byte n, v, b, i, s, p;
	bool quiet, mineToo, raised;

	n = first;
	do
	:: n == 0 -> break
	:: else ->
#ifdef LOOK_BEFORE_RAISE
		b = box;
		quiet = ((b & BUSY) == 0 && least(b) > round(n));
#endif
		/* Raise */
		do
		:: v = value;
			if
			:: v >= n -> break
			:: else -> skip
			fi;
			atomic {
				raised = (value == v);
				if
				:: raised ->
					v = n;
					value = n;
					break
				:: else -> skip
				fi
			}
		od;
		if
		:: raised ->
#ifndef LOOK_BEFORE_RAISE
			/* Quiet */
			b = box;
			quiet = ((b & BUSY) == 0 && least(b) > round(v));
#endif
			if
			:: !quiet ->
				take(false, false, 0);
				if
				:: mineToo -> deliver(BUDGETED, n)
				:: else -> skip
				fi
			:: else -> skip
			fi
		:: else -> skip
		fi;
		d_step {
			n = ((n == first) -> last : 0);
			v = 0;
			b = 0;
			i = 0;
			s = 0;
			p = 0;
			quiet = false;
			mineToo = false;
			raised = false
		}
	od;
	threads--
}

proctype adder(byte me; bool cancels) {
	byte v, b, i, s, p;
	bool quiet, mineToo, ok;

	/* Add */
	if
	:: value >= point[me] -> goto done
	:: else -> skip
	fi;
	do
	:: d_step {
			b = box;
			next[me] = head(b)
		};
		d_step {
			ok = (box == b);
			if
			:: ok ->
				if
				:: round(point[me]) < least(b) -> box = round(point[me]) * MIN | (b & BUSY) | me
				:: else -> box = least(b) * MIN | (b & BUSY) | me
				fi;
				boxed[me] = true;
				before[me] = value
			:: else -> skip
			fi
		};
		if
		:: ok -> break
		:: else -> skip
		fi
	od;
#ifndef ADD_WITHOUT_LOOK
	if
	:: value >= point[me] ->
		/* late */
		take(true, false, me);
		if
		:: mineToo -> deliver(HANDS, 0)
		:: else -> skip
		fi
	:: else -> skip
	fi;
#endif
	if
	:: !cancels || withdrawn[me] -> goto wait
	:: cancels && !withdrawn[me] -> skip
	fi;

	/* Cancel */
	d_step {
		ok = (word[me] == PENDING);
		if
		:: ok -> word[me] = TENTATIVE
		:: else -> skip
		fi
	};
#ifndef CANCEL_WITHOUT_LOOK
	if
	:: value >= point[me] -> goto wait /* the second look (W6) */
	:: else -> skip
	fi;
#endif
	d_step {
		ok = (word[me] == TENTATIVE);
		if
		:: ok ->
			word[me] = CANCELED;
			assert(!ran[me] && !killed[me]);
			killed[me] = true
		:: else -> skip
		fi
	};
	if
	:: !ok -> goto wait
	:: ok -> goto wait /* a sweep isn't due */
	:: ok -> skip
	fi;
	take(true, true, 0); /* tryOwn */
	if
	:: mineToo ->
		d_step {
			sorted[me] = false /* sweepBuckets: it is canceled */
		};
		deliver(HANDS, 0)
	:: else -> skip
	fi;
wait:
	skip;
	d_step {
		v = 0;
		b = 0;
		i = 0;
		quiet = false;
		mineToo = false;
		ok = false
	};
	(ran[me] || killed[me] || withdrawn[me]); /* sleeps until it is woken */
done:
	skip;
	d_step {
		v = 0;
		b = 0;
		i = 0;
		quiet = false;
		mineToo = false;
		ok = false;
		threads--
	}
}

/* Who is started to deliver what was handed over. */
active proctype adopter() {
	byte v, b, i, s, p;
	bool quiet, mineToo;
end:
	do
	:: handed ->
		handed = false;
		deliver(ADOPTED, 0)
	od
}

#ifdef CLOSER
proctype closer() {
	byte v, b, i, s, p;
	bool quiet, mineToo;

#ifndef CODE_BEHIND
	code = 1;
#endif
	do
	:: v = value;
		atomic {
			if
			:: value == v ->
				v = v | ENDED;
				value = v;
				break
			:: else -> skip
			fi
		}
	od;
#ifdef CODE_BEHIND
	code = 1;
#endif
	take(false, false, 0);
	if
	:: mineToo -> deliver(BUDGETED, 2 * ENDED)
	:: else -> skip
	fi;
	skip;
	d_step {
		v = 0;
		b = 0;
		quiet = false;
		threads--
	}
}
#endif

init {
	byte p;

	atomic {
		select(p : 1 .. 3);
		point[1] = p;
#if ADDERS > 1
		select(p : 1 .. 3);
		point[2] = p;
#endif
#ifdef PLACED
		select(p : 1 .. 3); /* it lies in the box already */
		point[2] = p;
		boxed[2] = true;
		box = round(p) * MIN | 2;
#endif
		p = 0;
		threads = ADVANCERS + CLOSERS + ADDERS;
		run advancer(STEPS);
#if ADVANCERS > 1
		run advancer(2, 0);
#endif
#ifdef CLOSER
		run closer();
#endif
#if ADDERS > 1
		run adder(2, false);
#endif
		run adder(1, CANCELS)
	};
	(threads == 0 && !owned && !handed);
	assert((box & BUSY) == 0);
	over = true
}

#define added(n) (boxed[n] || sorted[n])
#define settled(n) (ran[n] || killed[n] || withdrawn[n])

/* What is due runs some time, or was canceled, or is taken back by who adds it too late; all come to an end, and the wheel is idle. */
ltl delivered { <> over && [] ((added(1) && value >= point[1]) -> <> settled(1)) && [] ((added(2) && value >= point[2]) -> <> settled(2)) }
