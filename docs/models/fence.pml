/*
 * The word of a fence, with callbacks that are added, canceled, swept and run, until the life ends.
 *
 * Stands for:
 *   cbqueue/add.go: Add, push
 *   cbqueue/cancel.go: Cancel, died
 *   cbqueue/sweep.go: sweep, unlink, freeDead, freeList
 *   cbqueue/run.go: claimAll, claim, Next, Release, leave, recount, Free
 *   cbqueue/limbo.go: ended
 *   runtime/signal.go: Signal, Finish, Drop, signal, left, endLife
 *   runtime/run.go: runMany, ran, clearRunning
 *
 * Invariants: Q1, Q3, Q4, Q5, Q6, Q7 of cbqueue; R1, R2, R4, R5 of runtime.
 *
 * Threads: one that signals (Finish; Signal and then Drop; Signal, with Drop in a callback), two that cancel any of the
 * first callbacks and may sweep after it, one that adds. Who gets a free node adds it again, in its next generation, to
 * whatever life the word is in.
 *
 * Left out: holds (holds.pml), order among AddMany's, magazines of nodes, the depot, debt (a sweep may come after any
 * cancel), the way of a dense or a single list (run.go: claimDense, ClaimOne; they look at the same words in the same
 * order).
 *
 * Faults: NO_SECOND_LOOK, POP_WHILE_SWEEPING, SWEEP_BEHIND_TENTATIVE, FREE_AT_ONCE, RUNNER_FREES_ALL, SWEEPER_FORGETS.
 */

#ifndef FIRST
#define FIRST 3 /* callbacks that are on the list at the beginning */
#endif
#ifndef CANCELERS
#define CANCELERS 2
#endif
#ifndef ADDERS
#define ADDERS 0
#endif
#define NODES 4

/* The word: bits[0:3] the newest node while open, then flags, then the life: 1 or 2. */
#define HEAD 7
#define SWEEPING 8
#define CLOSED 16
#define RUNNING 32
#define DROPPED 64
#define LIFE 128
#define LIVES 384

#define open(b, life) (((b) & (LIVES | CLOSED)) == (life))

/* A node's word: the state, and 4 for each generation. Nodes begin in generation 1. */
#define PENDING 0
#define TENTATIVE 1
#define CANCELED 2
#define CLAIMED 3
#define STATE 3
#define GENERATION 4

short B;
byte word[NODES + 1], next[NODES + 1], aux[NODES + 1];
byte rest; /* Anchor.rest */

/* What the checks need to know. A registration is a node and its generation, 1 or 2. */
#define FREE 0
#define LISTED 1
#define UNLINKED 2
#define reg(i, w) ((i) + ((w) / GENERATION - 1) * NODES)
byte place[NODES + 1];
bool linked[2 * NODES + 1], ran[2 * NODES + 1], killed[2 * NODES + 1];
byte limbo[2];
bool ended, over;
byte threads; /* that have not come to their end */
byte order, turn[2 * NODES + 1], ranTurn;

inline cas(w, old, new, ok) {
	d_step {
		ok = (w == (old));
		if
		:: ok -> w = new
		:: else -> skip
		fi
	}
}

/* The end of the life is a store: v is the word as the caller knows it, and nobody else changes it. */
inline endLife(v) {
	d_step {
		assert(!ended);
		assert(B == (v)); /* R4, Q7 */
		ended = true;
		B = 2 * LIFE
	}
}

/* left: what every change of a closed word ends with. */
inline left(v) {
	if
	:: ((v) & (DROPPED | RUNNING | SWEEPING)) == DROPPED -> endLife(v)
	:: else -> skip
	fi
}

inline put(i) {
	assert(place[i] == UNLINKED); /* Q1 */
	place[i] = FREE
}

/* push links a node that the caller has, in the given life. */
inline push(i, life) {
	do
	:: b = B;
		if
		:: !open(b, life) -> break
		:: else -> skip
		fi;
		next[i] = b & HEAD;
		d_step {
			ok = (B == b);
			if
			:: ok ->
				B = (b & ~HEAD) | i;
				assert(place[i] == FREE);
				place[i] = LISTED;
				linked[reg(i, word[i])] = true;
				if
				:: life == LIFE ->
					order++;
					turn[reg(i, word[i])] = order
				:: else -> skip
				fi
			:: else -> skip
			fi
		};
		if
		:: ok -> break
		:: else -> skip
		fi
	od
}

/* again adds a node that the caller has just freed, if it has one, to the life that the word is in. */
inline again(i) {
	if
	:: i != 0 && word[i] / GENERATION == 1 ->
		word[i] = 2 * GENERATION + PENDING;
		v = B & LIVES;
		push(i, v)
	:: else -> skip
	fi
}

#if ADDERS > 0
proctype adder() {
	short b, v;
	bool ok;
	push(NODES, LIFE);
	skip;
	d_step {
		b = 0;
		ok = false;
		threads--
	}
}
#endif

proctype canceler(byte me) {
	short b, v;
	byte i, p, nx, before, dead, mine;
	bool ok, stop;

	select(i : 1 .. FIRST); /* the ticket: this node in generation 1 */
	d_step {
		p = word[i];
		stop = (p != GENERATION + PENDING)
	};
	if
	:: stop -> goto done
	:: else -> skip
	fi;
	if
	:: !open(B, LIFE) -> goto done
	:: else -> skip
	fi;
	cas(word[i], p, p | TENTATIVE, ok);
	if
	:: !ok -> goto done
	:: else -> skip
	fi;
	b = B; /* the second look (Q3) */
	if
#ifdef NO_SECOND_LOOK
	:: false -> skip
#else
	:: !open(b, LIFE) -> goto done
#endif
	:: else -> skip
	fi;
	if
#ifdef POP_WHILE_SWEEPING
	:: open(b, LIFE) && (b & HEAD) == i ->
#else
	:: open(b, LIFE) && (b & HEAD) == i && (b & SWEEPING) == 0 ->
#endif
		nx = next[i];
		d_step {
			ok = (B == b);
			if
			:: ok ->
				B = (b & ~HEAD) | nx;
				place[i] = UNLINKED
			:: else -> skip
			fi
		};
		if
		:: ok ->
			d_step {
				word[i] = p | CANCELED;
				assert(!ran[i] && !killed[i]);
				killed[i] = true;
				put(i);
				mine = i
			};
			goto done
		:: else -> skip
		fi
	:: else -> skip
	fi;
	d_step {
		ok = (word[i] == (p | TENTATIVE));
		if
		:: ok ->
			word[i] = p | CANCELED;
			assert(!ran[i] && !killed[i]); /* Q3 */
			killed[i] = true
		:: else -> skip
		fi
	};
	if
	:: !ok -> goto done
	:: skip /* a sweep isn't due */ -> goto done
	:: ok -> skip
	fi;

	/* sweep */
	do
	:: b = B;
		if
		:: !open(b, LIFE) || (b & SWEEPING) != 0 || (b & HEAD) == 0 -> goto done
		:: else -> skip
		fi;
		cas(B, b, b | SWEEPING, ok);
		if
		:: ok -> break
		:: else -> skip
		fi
	od;
	/* unlink */
	before = b & HEAD;
	i = next[before];
	do
	:: i == 0 -> break
	:: else ->
		nx = next[i];
		ok = (word[i] & STATE) == CANCELED;
#ifndef SWEEP_BEHIND_TENTATIVE
		if
		:: ok -> ok = (word[before] & STATE) != TENTATIVE /* Q4 */
		:: else -> skip
		fi;
#endif
		if
		:: ok ->
			d_step {
				next[before] = nx;
				assert(place[i] == LISTED);
				place[i] = UNLINKED;
				aux[i] = dead;
				dead = i
			}
		:: else -> before = i
		fi;
		i = nx
	od;
	do
	:: b = B;
		v = b & ~SWEEPING;
		cas(B, b, v, ok);
		if
		:: ok -> break
		:: else -> skip
		fi
	od;
	if
#ifdef FREE_AT_ONCE
	:: open(b, LIFE) || (b & RUNNING) != 0 ->
#else
	:: !open(b, LIFE) && (b & RUNNING) != 0 -> limbo[me] = dead /* Q5 */
	:: open(b, LIFE) ->
#endif
		d_step {
			mine = dead;
			do
			:: dead != 0 ->
				put(dead);
				dead = aux[dead]
			:: else -> break
			od
		}
	:: else ->
		d_step { /* the runner has left the list to us (Q6) */
			do
			:: dead != 0 ->
				put(dead);
				dead = aux[dead]
			:: else -> break
			od;
			i = rest;
			do
			:: i != 0 ->
				assert(place[i] == LISTED);
				place[i] = FREE;
				i = next[i]
			:: else -> break
			od;
			mine = rest
		};
#ifndef SWEEPER_FORGETS
		left(v)
#endif
	fi;
done:
	skip;
	d_step { /* no longer of use: fewer states */
		i = 0;
		p = 0;
		nx = 0;
		before = 0;
		b = 0;
		v = 0;
		ok = false;
		stop = false
	};
	again(mine);
	skip;
	d_step {
		b = 0;
		v = 0;
		ok = false;
		mine = 0;
		threads--
	}
}

proctype signaler() {
	short b, v, closed;
	byte i, p, first, head, how;
	bool ok, gone;

	select(how : 0 .. 2); /* Finish; Signal and Drop; Signal, and Drop in a callback */
	do
	:: b = B;
		closed = (b & ~HEAD) | CLOSED;
		if
		:: (b & HEAD) != 0 -> closed = closed | RUNNING
		:: else -> skip
		fi;
		if
		:: how == 0 -> closed = closed | DROPPED
		:: else -> skip
		fi;
		cas(B, b, closed, ok);
		if
		:: ok -> break
		:: else -> skip
		fi
	od;
	head = b & HEAD;
	if
	:: head == 0 ->
		left(closed);
		goto drop
	:: else -> skip
	fi;

	/* Claim. A runner stands on nodes of this list only, and on none that is free (Q5). */
	i = head;
	do
	:: i == 0 -> break
	:: else ->
		d_step {
			assert(place[i] != FREE);
			p = word[i]
		};
		if
		:: (p & STATE) == PENDING -> ok = true
		:: (p & STATE) == TENTATIVE -> cas(word[i], p, (p & ~STATE) | CLAIMED, ok)
		:: else -> ok = false
		fi;
		d_step {
			if
			:: ok ->
				aux[i] = first;
				first = i
			:: else -> skip
			fi;
			assert(place[i] != FREE);
			i = next[i]
		}
	od;

	/* The callbacks, in the order in which they were added. */
	do
	:: first == 0 -> break
	:: else ->
		d_step {
			p = reg(first, word[first]);
			assert(linked[p] && !ran[p] && !killed[p]);
			assert(turn[p] > ranTurn);
			ranTurn = turn[p];
			turn[p] = 0;
			ran[p] = true;
			assert(!ended && (B & RUNNING) != 0); /* R5 */
			first = aux[first]
		}
	od;
	skip;
	d_step {
		ranTurn = 0;
		order = 0;
		p = 0;
		i = 0;
		b = 0
	};
	if
	:: how == 2 ->
		do
		:: b = B;
			cas(B, b, b | DROPPED, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		od;
		how = 0;
		left(b | DROPPED)
	:: else -> skip
	fi;

	/* Release */
#ifndef RUNNER_FREES_ALL
	if
	:: (closed & SWEEPING) != 0 ->
		rest = head;
		do
		:: b = B;
			if
			:: (b & SWEEPING) == 0 -> break
			:: else -> skip
			fi;
			cas(B, b, b & ~RUNNING, ok);
			if
			:: ok ->
				gone = true;
				break
			:: else -> skip
			fi
		od
	:: else -> skip
	fi;
#endif
	if
	:: gone -> head = 0
	:: else ->
		d_step {
			i = head;
			do
			:: i != 0 ->
				assert(place[i] == LISTED);
				place[i] = FREE;
				i = next[i]
			:: else -> break
			od
		};
		if
		:: (closed & (DROPPED | SWEEPING)) == DROPPED -> endLife(closed)
		:: else ->
			do
			:: b = B;
				v = b & ~RUNNING;
				cas(B, b, v, ok);
				if
				:: ok -> break
				:: else -> skip
				fi
			od;
			left(v)
		fi
	fi;
drop:
	if
	:: how != 0 ->
		do
		:: b = B;
			cas(B, b, b | DROPPED, ok);
			if
			:: ok -> break
			:: else -> skip
			fi
		od;
		left(b | DROPPED)
	:: else -> skip
	fi;
	skip;
	d_step {
		b = 0;
		closed = 0;
		ok = false;
		how = 0
	};
	again(head);
	skip;
	d_step {
		b = 0;
		v = 0;
		head = 0;
		ok = false;
		threads--
	}
}

init {
	byte i;
	d_step {
		for (i : 1 .. NODES) {
			word[i] = GENERATION + PENDING
		}
		for (i : 1 .. FIRST) {
			next[i] = i - 1;
			place[i] = LISTED;
			linked[i] = true;
			order++;
			turn[i] = order
		}
		B = LIFE | FIRST;
		i = 0;
		threads = 1 + CANCELERS + ADDERS
	};
	atomic {
		run signaler();
		run canceler(0);
#if CANCELERS > 1
		run canceler(1);
#endif
#if ADDERS > 0
		run adder();
#endif
		skip
	};
	(threads == 0);
	d_step {
		assert(ended && (B & (LIVES | CLOSED | SWEEPING)) == 2 * LIFE);
		/* Exactly once: of the first life all have run or were canceled; in the second nobody signals. */
		for (i : 1 .. 2 * NODES) {
			assert(!linked[i] || ran[i] != killed[i] || i > NODES);
			assert(linked[i] || !ran[i] && !killed[i])
		}
		/* Each node is in one place (Q1): what is in limbo is free now, and the list holds what is listed. */
		for (i : 0 .. 1) {
			do
			:: limbo[i] != 0 ->
				put(limbo[i]);
				limbo[i] = aux[limbo[i]]
			:: else -> break
			od
		}
		i = B & HEAD;
		do
		:: i != 0 ->
			assert(place[i] == LISTED);
			place[i] = FREE;
			i = next[i]
		:: else -> break
		od;
		for (i : 1 .. NODES) {
			assert(place[i] == FREE)
		}
		i = 0;
		over = true
	}
}

#define settled(n) (!linked[n] || ran[n] || killed[n])
#define signaled ((B & CLOSED) != 0 || ended)

/* Every callback, a waiter's too, that was added in time has run or was canceled some time after the signal, and all come
 * to an end: no livelock. */
ltl released { <> over && [] (signaled -> <> (settled(1) && settled(2) && settled(3) && settled(4))) }
