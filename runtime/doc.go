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
//	bit  24      special: its fence context has hooks, user data, timestamps or an observer (see extra)
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
// # Timelines
//
// A Timeline is one value that only grows; its points are Fences too, whose word is that value and whose number is the point.
// So signaled is the same load and compare, and Advance signals any number of them by one CAS. The lives of slots have the
// highest bit set, points are less than 2^63: the number alone tells which is which. Package internal/wheel has the
// callbacks that wait for points, with their argument (W1 to W9); this package runs them. A CommitWindow moves a timeline by
// numbers that are completed out of order, a Source by a word that somebody else writes.
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
//	R8  A waiter's record is referred to by each of its callbacks that may still come and by the waiting goroutine. Its
//	    state counts them; whose Add leaves none frees it (see waiter). The record of a Done channel belongs to who
//	    runs or cancels its one callback.
//	R9  The Add that makes the count of callbacks that have come what the waiter needs, while parked is set, gives one
//	    wake-up; the goroutine takes it before it leaves. So none is lost, and none is left to the record's next owner.
//	R10 A chunk of waiters is woken by the one it was given to, once it has seen its own callback come; or, where that
//	    goroutine has left, by the signaler. The Add that leaves no reference tells.
//	R11 A wait for several fences is decided by looking at them, from the last to the first (see group).
//	R12 CancelWait looks whether another cancel is deciding before it looks whether the fence is open.
//	V1  For each Ref of a slot in a SharedFence there is a counted hold, taken before the Ref came in, which belongs
//	    to who takes it out. So a hold that fails there means that the Ref has left (see SharedFence).
//	V2  What is published has a hold, which belongs to its entry until gone is set, then to who set it (see registry).
//	V3  The record of a closure belongs to who has its callback: the adder until the CAS that links it, then the
//	    signaler or the Cancel that answers true (see funcs).
//	V4  How many signals without a Local are under way inside each other on a goroutine is bounded (see overflow).
//	B1  A hook is called by who holds the fence, from before the claim of the call to after the hook's return: so the claim is
//	    of this life, and neither the slot nor its extra becomes the next one's under a hook.
//	B2  EnableSignaling is called by who moved extra.enabled from life to life|1, by CAS: at most once in a life.
//	B3  In a life the deadline only falls. Who lowers it where nobody is telling, tells the backend of the soonest until there is
//	    none that it wasn't told of: one call at a time, each with a sooner deadline than the one before.
//	B4  An extra is made for a life before the word has specialBit, and next for the life after it. What is read between two
//	    looks at the word that find it special and in one life is that life's; a CAS expects a value that carries the life
//	    (or B1 keeps the life), so one that comes late changes nothing.
//	T1  The timestamp of a signal is the first proposal made by CAS after the word was closed, the signaler's or a reader's:
//	    whoever sees the fence signaled sees it, all the same one, and none was made before the signal.
//
//	P1 A Fence whose number is below slotNumbers and whose word isn't nil has the first word of a Timeline as its word.
//	P2 A timeline whose delivery was put off belongs to the Local that put it off: it is busy (W2), in undelivered once, and is
//	   delivered before the outermost call on that Local returns. So no other goroutine waits for a Local's stack in vain.
//	P3 The cause is set before the closed bit, by one CAS that decides whose it is (see closeTimeline).
//	P4 adopting counts the goroutines that were started to deliver, from before their start; Close returns when there is none.
//
// K1 to K6, about commit windows, stand in window.go; F1 to F3, about sources, in source.go; N1 and N2, about writes at a signal,
// in seqwrite_table.go.
// U1 to U5, about user data, stand in retired.go; C1 and C2, about closing a fence context, in context_close.go.
// How statistics are counted, S1 to S4, stands in counts.go; what others see of a waiter, S5, in waitview.go; how the
// observer is told once, S6, in events.go.
//
// ABA: lives don't come back (R2). Progress: all is lock-free but the waits and CancelWait, which block, and what callbacks do
// themselves. Reclamation: words, slots and callback nodes are type-stable and never freed before the runtime
// is; what isn't goes through package epoch (Pin, Retire, Collect), and so does user data (Table).
//
// # Which call is allowed where
//
//	                                      in a callback   in a signaling  after Close of the runtime
//	                                                      section
//	Fence.Signaled, Err, Seqno, Context   yes             yes             yes: signaled; names and seqnos are gone
//	Fence.Names                           yes             yes             ErrStale
//	Fence.ArmedAt, SignaledAt             yes             yes             ErrStale; a Hold knows them
//	Stub, and all calls with the stub     yes             yes             yes
//	Wait, WaitTimeout, WaitAny, WaitAll   no              no              return at once
//	Fence.TryWait, Done's stop            yes             yes             yes: signaled
//	Fence.Done                            yes             allocates       yes: signaled
//	CancelWait                            ErrInCallback   no              yes
//	Reserve, NewFence                     yes             yes; may fail   ErrClosed
//	ReserveWait                           doesn't wait    no              ErrClosed, also for who waits
//	Grow, GrowCallbacks                   yes             no              ErrClosed
//	Flush                                 yes             yes             yes
//	Arm                                   yes             yes             the fence is born signaled
//	Signal, Finish, Drop                  yes             yes             ErrSignaled; nil for Drop
//	OnSignal, OnSignalMany                yes             yes; may fail   ErrSignaled
//	OnSignalFunc                          yes             allocates       ErrSignaled
//	stop of OnSignalFunc                  yes             yes             yes: false
//	SharedFence: all methods              yes             yes             yes
//	Timeline.At, Value, Next, NextN       yes             yes             yes: all points are signaled
//	Advance of a Timeline                 yes (1)         yes             the cause of Close
//	OnSignalEach                          yes             yes; may fail   ErrSignaled
//	ReservePoints                         yes             yes; may fail   yes
//	Timeline.Wait, Flush                  no              no              return at once
//	Timeline.Done, Local.Done             yes             allocates       yes: closed
//	Timeline.Pending, Oldest              yes             yes             yes: nothing
//	Timeline.Close                        yes             allocates       ErrTimelineClosed
//	TryIssue, Complete of a CommitWindow  yes             yes             the cause of Close
//	CommitWindow.Issue                    no              no              the cause of Close
//	Sync of a Source                      yes             yes             the cause of Close
//	Source.Follow, stop of Start          no              no              return at once
//	AttachWrite, Attach of SeqWrites      yes             yes; may fail   written at once
//	DetachWrite, Detach                   yes             yes             yes: false
//	DetachWriteWait                       ErrInCallback   no              yes
//	NewCommitWindow, NewSource            yes             no              the cause of Close; yes
//	NewSeqWrites                          yes             no              ErrClosed
//	NewTimeline                           yes             no              ErrClosed
//	Publish, Unpublish, Lookup            yes             allocate        ErrClosed; ErrNotFound
//	Context, Contexts, FindContext        yes             allocate        yes
//	Check, SetDeadline                    yes             yes             as Err; ErrSignaled
//	Cancel, Hold, Release, Pin, Unpin     yes             yes             yes; not the first Pin of a Local in a section
//	ReserveCallbacks, Retire              yes             yes; may fail   yes
//	Synchronize, Barrier                  ErrInCallback   no              yes
//	Stats, Snapshot, Dump                 yes             allocate        yes
//	Local, NewFenceContext, Handler       yes             no              ErrClosed, but for Local
//	Table.At, Table.Get                   yes             yes             yes
//	NewTable                              yes             no              yes
//	Local.Collect, Runtime.Collect        no              no              yes
//	FenceContext.Close                    better not      no              ErrClosed
//	BeginSignaling, EndSignaling          yes, both       yes             yes
//	Local.Close                           no              no              yes
//	Runtime.Close                         no              no              ErrClosed
//
// (1) In a callback of a point of the same timeline it publishes at once, and its callbacks follow after the present one.
//
// In a backend's hook the same is allowed as in a callback, with the exceptions in the table at Backend.
//
// # Signaling sections, and how misuse is found
//
// Between a fence becoming visible to others and its signal lies a signaling section, on every goroutine that takes part:
// no waiting for a fence, no Local, NewFenceContext, Handler, Reclaimer, Collect or first Pin, no lock that a waiter may hold.
// Local.BeginSignaling and Checked tell of sections and locks. A build with the tag fencedebug reports what breaks these rules,
// callbacks that wait, and handles that are misused or forgotten: see docs/debugging.md. Any other build has nothing of that,
// not a byte nor an instruction.
package fencert
