/*
 * The epoch: what a reader can still see is not reclaimed, with light pins (plain stores, and membarrier in their place) and
 * portable ones, over explicit store buffers.
 *
 * Stands for:
 *   epoch/pin.go: Pin, Unpin
 *   epoch/domain.go: advance, inTheWay
 *   epoch/retire.go: Retire
 *   epoch/stamp.go: Stamp, Elapsed, over
 *   epoch/grace.go: Synchronize
 *   epoch/participant.go: own
 *
 * Invariants: I1, I2, I3 of epoch; and I4 in part: an object is not reclaimed before the Unpin of who uses it has left its
 * buffer.
 *
 * Threads: a reader with two sections; another with one, that registers in the midst of it; a writer that unlinks an
 * object, retires it, and moves the epoch on until it is due; one more that moves the epoch on, twice. Each thread that
 * stores has a buffer, first in, first out, and an agent that empties it some time (x86-TSO). What is locked in the machine can be done
 * only when the thread's own buffer is empty. A barrier returns when all that the buffers held at its call has left them:
 * each processor passes its barrier between call and return, and the call is the moment that asks for least.
 *
 * Left out: rings, orphans, reclaim functions, nested sections; loads that are late, as on arm64 (the argument in
 * epoch/doc.go doesn't need their order; here they are in order).
 *
 * Variants: PORTABLE. Faults: NO_BARRIER, BARRIER_BEFORE_GLOBAL, ONE_EPOCH, NO_SCAN, STAMP_BEFORE_UNLINK,
 * UNLINK_IN_BUFFER (with PORTABLE); and STALLED, a reader that never unpins: then grace periods don't end, as documented.
 */

#ifndef SECTIONS
#define SECTIONS 2 /* of the first reader */
#endif
#ifndef NEWCOMERS
#define NEWCOMERS 0
#endif
#ifndef COLLECTORS
#define COLLECTORS 1
#endif
#ifndef ADVANCES
#define ADVANCES 2 /* of each collector */
#endif
#define READERS 2
#ifdef ONE_EPOCH
#define GRACE 1
#else
#define GRACE 2
#endif
#define PINNED 1

byte global = 1;
byte used = 1;      /* the second reader registers later */
byte object = 1;     /* the object that readers find: 1, and 2 in its place */
byte slot[READERS]; /* the words, as memory has them */

/* The buffers: values on their way to slot[i]. How many were put in and have come out, for barriers. */
chan buffer[READERS] = [4] of { byte };
byte into[READERS], out[READERS];

/* What the checks need to know. */
bool reclaimed[3]; /* by object */
bool over;
byte threads;

#ifdef UNLINK_IN_BUFFER
/* The writer's buffer, for the link alone. */
chan links = [2] of { byte };
#endif

active [READERS] proctype agent() {
end:
	do
	:: atomic {
			buffer[_pid] ? slot[_pid] ->
				out[_pid]++
		}
	od
}

#ifdef UNLINK_IN_BUFFER
active proctype linkAgent() {
end:
	do
	:: links ? object
	od
}
#endif

/* A barrier of all processors: what lies in the buffers now comes out before it returns. */
inline membarrier() {
	d_step {
		in0 = into[0];
		in1 = into[1]
	};
	(out[0] >= in0 && out[1] >= in1);
	d_step {
		in0 = 0;
		in1 = 0
	}
}

/* inTheWay scans the words of the readers that have registered: one load each. */
inline inTheWay(e, n) {
	d_step {
		blocked = (slot[0] != 0 && slot[0] / 2 != e);
		i = 1
	};
	atomic {
		if
		:: i < n && !blocked -> blocked = (slot[1] != 0 && slot[1] / 2 != e)
		:: else -> skip
		fi;
		i = 0
	}
}

/* advance tries to move the epoch on by one. Its CAS is the one locked operation; the callers' own buffers are empty, but for
 * the link's. */
inline advance() {
#ifdef BARRIER_BEFORE_GLOBAL
	membarrier();
#endif
	e = global;
	n = used;
	blocked = false;
#ifndef PORTABLE
	inTheWay(e, n);
#ifndef NO_BARRIER
#ifndef BARRIER_BEFORE_GLOBAL
	if
	:: !blocked -> membarrier()
	:: else -> skip
	fi;
#endif
#endif
#endif
#ifndef NO_SCAN
	if
	:: !blocked -> inTheWay(e, n)
	:: else -> skip
	fi;
#endif
	atomic {
#ifdef UNLINK_IN_BUFFER
		(!unlinks || empty(links)); /* locked: not before the own buffer is empty */
#endif
		if
		:: !blocked && global == e -> global = e + 1
		:: else -> skip
		fi;
		e = 0;
		n = 0;
		blocked = false
	}
}

/* section is one read section: pin, find the object, use it, unpin. */
inline section(me) {
	g = global;
#ifdef PORTABLE
	atomic {
		empty(buffer[me]) -> slot[me] = g * 2 + PINNED /* a locked exchange */
	};
#else
	atomic {
		buffer[me] ! (g * 2 + PINNED);
		into[me]++
	};
#endif
	d_step {
		g = 0;
		o = object
	};
	assert(!reclaimed[o]); /* I3: what the section has found stays, until it ends */
	atomic {
		assert(!reclaimed[o]);
		o = 0;
		buffer[me] ! 0;
		into[me]++
	}
}

proctype writer() {
	byte e, n, i, in0, in1, r;
	bool blocked, unlinks = true;

	/* Unlink the first object, and retire it. */
#ifdef STAMP_BEFORE_UNLINK
	r = global;
#endif
#ifdef UNLINK_IN_BUFFER
	links ! 2;
#else
	object = 2;
#endif
#ifndef STAMP_BEFORE_UNLINK
	r = global;
#endif
	do
	:: atomic {
			global >= r + GRACE ->
				reclaimed[1] = true;
				r = 0;
				break
		}
	:: atomic {
			global < r + GRACE -> skip
		};
		advance()
	od;
	threads--
}

/* Another that collects: it moves the epoch on for reasons of its own. */
proctype collector() {
	byte e, n, i, in0, in1, k;
	bool blocked, unlinks;

	for (k : 1 .. ADVANCES) {
		advance()
	}
	k = 0;
	threads--
}

proctype reader() {
	byte g, o, k;
#ifdef STALLED
	atomic {
		slot[0] = global * 2 + PINNED;
		threads--
	}
#else
	for (k : 1 .. SECTIONS) {
		section(0)
	}
	k = 0;
	threads--
#endif
}

#if NEWCOMERS > 0
/* One that registers in the midst of it: the CAS of used is behind nothing and before its first Pin. */
proctype newcomer() {
	byte g, o;
	used = 2;
	section(1);
	threads--
}
#endif

init {
	atomic {
		threads = 2 + COLLECTORS + NEWCOMERS;
		run writer();
		run collector();
#if COLLECTORS > 1
		run collector();
#endif
#if NEWCOMERS > 0
		run newcomer();
#endif
		run reader()
	};
	(threads == 0);
	assert(reclaimed[1]);
	over = true
}

/* A grace period ends when the sections do that were open: nothing waits for ever. */
ltl ends { <> over && <> reclaimed[1] }
