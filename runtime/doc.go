// Package fencert is a lock-free fence runtime: for work in flight that is signaled once, with a result, and
// whose callbacks and waiters are told with no lock and no allocation on the way.
//
//	rt, err := fencert.New(fencert.Config{Fences: 1 << 20})
//	ring, err := rt.NewFenceContext("mydriver", "copy-ring")
//	retire, err := rt.Handler(func(l *fencert.Local, job uint64, result error) { … })
//
//	l := rt.Local()                  // one per worker goroutine
//	room, err := l.Reserve()         // ErrExhausted, before the point of no return
//	issuer := l.Arm(room, ring)      // cannot fail; the seqno is taken here
//	f := issuer.Fence()              // 16 bytes, comparable: poll, wait, add callbacks
//	ticket, err := l.OnSignal(f, retire, 42)
//	err = l.Finish(issuer, nil)      // signal and drop
//
// # The word of a fence
//
//	bits[28:64]  generation of the slot: the life
//	bit  27      closed: signaled
//	bit  26      held: somebody has taken a hold in this life
//	bit  25      sweeping: a canceler unlinks dead callbacks
//	bits[0:24]   open: the newest callback
//	             closed: bit 23 running, bit 22 dropped, bits[0:22] the result's code
//
// Since closed stands right below the generation, signaled is one load and one compare: word >= life|closed.
// It stays true in every later life. Package cbqueue has the list, package arena the generations; this
// package keeps what joins them:
//
//	reserved --Arm--> open --Signal--> closed, running --callbacks--> closed --Drop, last Release--> next life
//	                    |                  `--------- Finish: dropped from the beginning ------------'  ^
//	                    `-- Finish with no callback and no hold: one CAS -------------------------------'
//
// # Invariants
//
//	R1  A word goes from open to closed once in a life, by one CAS that carries the result. Who made it
//	    runs the callbacks. Linearization of Signal, Finish and Drop.
//	R2  A handle is stale when the generation in the word is not its own, and generations only rise
//	    (A2). An operation that changes a word does so by CAS from a value of its own life, so a stale
//	    handle changes nothing. There is never an Add, a Swap or a blind store to a word that is shared.
//	R3  held is set before the first hold is counted, and only while the word is not both closed and
//	    dropped, or is held already. So: a Finish or Drop whose CAS succeeds on a word without held has no
//	    holder to fear, and one that sees held counts the issuer's reference down in slot.holds. A count of
//	    0 in the present life is never raised again, so exactly one finds itself the last.
//	R4  A life ends when the word is closed and dropped, nothing is running or sweeping, and the count of
//	    holds is 0 or nobody ever held. Every change of a closed word is a CAS; the one that makes it
//	    dropped with nothing running or sweeping gives up the issuer's reference. There is exactly one
//	    such change, since none of the three comes back.
//	R5  running is clear only after all callbacks have run. It keeps the life from ending, so a callback, and
//	    a waiter that leaves early, still find the result in the word.
//	R6  A result with a code in the table of errors is read only while the life cannot end: by a holder, or by
//	    who runs the callbacks.
//	R7  seqno and owner of a slot are written by who arms it, after the word has entered the life. Who reads them
//	    looks at the word afterwards: still in the handle's life, they are that life's.
//	R8  A waiter's record has one owner: the waiting goroutine until it is abandoned, then the signaler. The
//	    exchange of its state decides (see waiter).
//
// ABA: lives don't come back (R2). Progress: all is lock-free but Wait, which blocks, and what callbacks do
// themselves. Reclamation: words, slots and callback nodes are type-stable and never freed before the runtime
// is; what isn't goes through package epoch (Pin, Retire, Collect).
//
// # Which call is allowed where
//
//	                                        in a callback   after Close of the runtime
//	Fence.Signaled, Err, Seqno, Context     yes             yes: signaled; names and seqnos are gone
//	Fence.Wait                              no              returns at once
//	Reserve                                 yes             ErrClosed
//	ReserveWait                             doesn't wait    ErrClosed, also for who waits
//	Grow, GrowCallbacks                     yes             ErrClosed
//	Flush                                   yes             yes
//	Arm                                     yes             the fence is born signaled
//	Signal, Finish, Drop                    yes             ErrSignaled; nil for Drop
//	OnSignal, OnSignalMany                  yes             ErrSignaled
//	Cancel, Hold, Release, Pin, Unpin       yes             yes
//	Local, NewFenceContext, Handler         yes             ErrClosed, but for Local
//	Local.Close                             no              yes
//	Runtime.Close                           no              ErrClosed
package fencert
