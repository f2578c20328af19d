/*
 * Waiting: the state of a waiter's record, parking and its token, leaving, chunks, and the record's next wait.
 *
 * Stands for:
 *   runtime/waiter.go: take, put, done, drop
 *   runtime/waiter_wake.go: collectWaiter, collect, wakeAll, fire, pass
 *   runtime/wait_park.go: await, park, unpark
 *   runtime/wait_spin.go: until, spin (one look)
 *   runtime/wait.go: waitListed, leave
 *   runtime/wait_group.go: join, settle, wait, leave
 *
 * Invariants: R8, R9, R10 of runtime.
 *
 * Threads: two waiters, the first with two waits one after the other, each of which may time out; a signaler for each fence.
 * First waits are for fence 0, the second one for fence 1. With GROUP the first waiter's first wait is for both: for any, or
 * with GROUP=2 for all.
 *
 * Left out: the fence's word and its list (fence.pml): to add a callback, to cancel it and to close are one step each, and what a
 * cancel leaves, the signaler finds. So are holds (holds.pml), channels of Done, records of other runtimes, and statistics. Who
 * finds no room, or comes while callbacks run, waits until they have run.
 *
 * Faults: PARKS_BLINDLY, LEAVES_THE_TOKEN, UNPARKS_BLINDLY, WAKES_EVERY_TIME, LEAVER_FREES, KEEPS_REFERENCES,
 * FORGETS_THE_CHUNK, PASSES_ANYWAY, LINK_AFTER_FIRE.
 */

#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef RECORDS
#define RECORDS 2
#endif
#define FENCES 2
#ifndef WAITS
#define WAITS 2 /* of the first waiter; the others have one */
#endif

/* The state of a record. */
#define ONE_FIRED 8
#define PARKED 64
#define references(v) ((v) & 7)
#define fired(v) (((v) & 63) / ONE_FIRED)

/* An argument names a record and a position; 0 is none. */
#define arg(r, p) (1 + (r) * 2 + (p))
#define recordOf(a) (((a) - 1) / 2)

byte state[RECORDS], need[RECORDS];
byte chunk[RECORDS]; /* an argument */
byte link[4];        /* by argument - 1 */
bit token[RECORDS];

bool closed[FENCES], ran[FENCES];
byte listed[4]; /* the callback of waiter w on fence f, at 2*f+w: an argument */
bit grouped[4]; /* it is a group's */
#define at(f, w) ((f) * 2 + (w))

/* What the checks need to know. */
bool taken[RECORDS];
byte due[RECORDS]; /* callbacks of the present wait that are still to fire */
byte threads;
bool over;

inline put(r) {
	d_step {
		assert(taken[r] && due[r] == 0); /* R8: nobody refers to it any more */
		assert(token[r] == 0); /* R9 */
		taken[r] = false;
		state[r] = 0;
		need[r] = 0;
		chunk[r] = 0
	}
}

/* fireState is fire as far as the Add: n is need, v the state afterwards. */
inline fireState(r, n, v) {
	d_step {
		n = need[r];
		assert(taken[r] && due[r] > 0 && references(state[r]) > 0); /* each callback fires once, in its own wait */
		due[r]--;
		state[r] = state[r] + ONE_FIRED - 1;
		v = state[r]
	}
}

#ifdef WAKES_EVERY_TIME
#define wakes(v, n) (((v) & PARKED) != 0 && fired(v) >= (n))
#else
#define wakes(v, n) (((v) & PARKED) != 0 && fired(v) == (n))
#endif

/* pass wakes the chunk of r, whose members have none themselves. c, x, n and v are the caller's. */
inline pass(r, c, x, n, v) {
	c = chunk[r];
	do
	:: c == 0 -> break
	:: else ->
		d_step {
			x = recordOf(c);
			c = link[c - 1] /* it may be another's right after fire */
		};
		fireState(x, n, v);
		if
		:: wakes(v, n) -> token[x] = 1
		:: !wakes(v, n) && references(v) == 0 ->
			assert(chunk[x] == 0);
			put(x)
		:: else -> skip
		fi
	od;
	skip
}

/* lastOut is what comes when no reference is left. */
inline lastOut(r, c, x, n, v) {
#ifndef FORGETS_THE_CHUNK
	pass(r, c, x, n, v);
#endif
	put(r)
}

proctype signaler(byte f) {
	byte w, r, a, c, x, n, v, head, room, wake;
	bool parked;

	closed[f] = true;
	/* The callbacks: collectWaiter, collect. */
	do
	:: w == WAITERS -> break
	:: w < WAITERS && listed[at(f, w)] == 0 -> w++
	:: else ->
		d_step {
			a = listed[at(f, w)];
			r = recordOf(a);
			assert(taken[r]);
			parked = (!grouped[at(f, w)] && (state[r] & PARKED) != 0) /* a guess: it may be cleared any moment */
		};
		d_step {
			if
			:: parked && wake != 0 && room != 0 ->
				link[a - 1] = chunk[head];
				chunk[head] = a;
				room--
			:: else ->
				link[a - 1] = wake;
				wake = a;
				if
				:: parked ->
					head = r;
					room = 1
				:: else -> skip
				fi
			fi;
			w++
		}
	od;
	ran[f] = true;
	/* wakeAll */
	do
	:: wake == 0 -> break
	:: else ->
		d_step {
			r = recordOf(wake);
			a = wake;
			wake = link[a - 1]
		};
		fireState(r, n, v);
		if
		:: wakes(v, n) -> token[r] = 1
		:: !wakes(v, n) && references(v) == 0 -> lastOut(r, c, x, n, v)
		:: else -> skip
		fi
#ifdef LINK_AFTER_FIRE
		;
		wake = link[a - 1]
#endif
	od;
	skip;
	d_step {
		w = 0;
		r = 0;
		a = 0;
		c = 0;
		x = 0;
		n = 0;
		v = 0;
		head = 0;
		room = 0;
		parked = false;
		threads--
	}
}

#ifdef GROUP
#define isGroup(w, k) ((w) == 0 && (k) == 0)
#else
#define isGroup(w, k) false
#define GROUP 1
#endif

#define served(r) (fired(state[r]) >= need[r])
/* finished looks at the fences. */
#define finished ((!group && ran[k]) || (group && GROUP == 1 && (ran[0] || ran[1])) || (group && GROUP == 2 && ran[0] && ran[1]))

/* cancel takes the callback on f back: ok tells whether it will never run. */
inline cancel(f) {
	d_step {
		ok = !closed[f] && listed[at(f, w)] != 0;
		if
		:: ok ->
			listed[at(f, w)] = 0;
			due[r]--
		:: else -> skip
		fi
	}
}

/* add is listen: one that comes too late is missing. */
inline add(f) {
	d_step {
		if
		:: closed[f] -> missing++
		:: else ->
			listed[at(f, w)] = (group -> arg(r, f) : arg(r, 0));
			grouped[at(f, w)] = group;
			due[r]++
		fi
	}
}

/* drop gives so many references up. */
inline drop(n) {
	d_step {
		assert(taken[r] && references(state[r]) >= (n));
		state[r] = state[r] - (n);
		v = state[r]
	};
	if
	:: references(v) == 0 -> lastOut(r, c, x, m, v)
	:: else -> skip
	fi
}

proctype waiter(byte w) {
	byte k, r, v, c, x, m, missing, canceled;
	bool ok, group, limited, late;

next:
	/* The wait is limited or not. */
	atomic {
		group = isGroup(w, k);
		late = false;
		missing = 0;
		canceled = 0;
		if
		:: limited = true
		:: limited = false
		fi;
		/* take */
		if
		:: !taken[0] -> r = 0
#if RECORDS > 1
		:: taken[0] && !taken[1] -> r = 1
#endif
		:: else -> goto polls
		fi;
		assert(token[r] == 0 && due[r] == 0); /* R9 */
		taken[r] = true;
		need[r] = (group -> GROUP : 1);
		state[r] = (group -> 3 : 2)
	};
	if
	:: group ->
		add(0);
		add(1);
		/* settle */
		if
		:: missing != 0 ->
			d_step {
				state[r] = state[r] - missing;
				if
				:: GROUP == 2 -> state[r] = state[r] + missing * ONE_FIRED
				:: else -> skip
				fi
			};
			goto groupPolls
		:: else -> skip
		fi
	:: else ->
		add(k);
		if
		:: missing != 0 ->
			put(r);
			goto polls
		:: else -> skip
		fi
	fi;

	/* await: it spins for one look at most, which is park's own */
	do
	:: atomic {
			v = state[r];
			if
			:: fired(v) >= need[r] -> goto isServed
			:: else -> skip
			fi
		};
#ifdef PARKS_BLINDLY
		state[r] = state[r] | PARKED;
		break
#else
		atomic {
			if
			:: state[r] == v ->
				state[r] = v | PARKED;
				break
			:: else -> skip
			fi
		}
#endif
	od;
	atomic {
		if
		:: token[r] == 1 ->
			token[r] = 0;
			goto isServed
		:: limited && !late -> late = true
		fi
	};
	/* unpark */
#ifdef UNPARKS_BLINDLY
	state[r] = state[r] & ~PARKED;
	goto gaveUp;
#endif
	do
	:: atomic {
			v = state[r];
			if
			:: fired(v) >= need[r] -> goto onItsWay
			:: else -> skip
			fi
		};
		atomic {
			if
			:: state[r] == v ->
				state[r] = v & ~PARKED;
				goto gaveUp
			:: else -> skip
			fi
		}
	od;
onItsWay:
	skip;
#ifndef LEAVES_THE_TOKEN
	atomic {
		token[r] == 1 -> token[r] = 0
	};
#endif

isServed:
	assert(taken[r] && served(r) && finished); /* not woken by another's signal (R9) */
	if
	:: group -> goto leaves
	:: else ->
		pass(r, c, x, m, v);
		put(r);
		goto done
	fi;

groupPolls:
	if
	:: finished
	:: limited
	fi;
	goto leaves;

gaveUp:
	if
	:: group -> goto leaves
	:: else -> skip
	fi;
	cancel(k);
	if
	:: ok -> put(r)
	:: else ->
#ifdef LEAVER_FREES
		put(r)
#else
#ifdef PASSES_ANYWAY
		pass(r, c, x, m, v);
#endif
		drop(1)
#endif
	fi;
	goto done;

leaves:
	/* leave of a group */
	if
	:: references(state[r]) > 1 ->
		cancel(0);
		canceled = canceled + ok;
		cancel(1);
		canceled = canceled + ok
	:: else -> skip
	fi;
#ifdef KEEPS_REFERENCES
	drop(1);
#else
	drop(canceled + 1);
#endif
	goto done;

polls:
	if
	:: finished
	:: limited
	fi;
done:
	skip;
	d_step {
		r = 0;
		v = 0;
		c = 0;
		x = 0;
		m = 0;
		missing = 0;
		canceled = 0;
		ok = false;
		k++
	};
	if
	:: w == 0 && k < WAITS -> goto next
	:: else -> skip
	fi;
	d_step {
		group = false;
		limited = false;
		late = false;
		threads--
	}
}

init {
	byte i;
	atomic {
		threads = WAITERS + FENCES;
		for (i : 0 .. FENCES - 1) {
			run signaler(i)
		};
		for (i : 0 .. WAITERS - 1) {
			run waiter(i)
		}
	};
	(threads == 0);
	for (i : 0 .. RECORDS - 1) {
		assert(!taken[i] && due[i] == 0 && token[i] == 0)
	};
	over = true
}

/* Every waiter is released, and all come to their end. */
ltl released { <> over }
