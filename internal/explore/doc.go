// Package explore runs the interleavings of a few threads of real lock-free code: all of them, all within a bound on
// preemptions, or as many random ones as there is time for.
//
// Code written against internal/atomicx needs no change: under the build tag explore each atomic operation yields to
// the scheduler of this package before it acts. Threads are coroutines (iter.Pull), so exactly one runs at a time, and
// a run is determined by the choices made at the yields. The scenario is run from its beginning, once per schedule:
//
//	//go:build explore
//
//	func TestExploreCounter(t *testing.T) {
//		explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
//			var n atomicx.Uint64
//			add := func() { n.Store(n.Load() + 1) } // wrong: the other one's add may come in between
//			s.Thread("a", add)
//			s.Thread("b", add)
//			s.Finally(func() { explore.Assert(n.Load() == 2, "an add was lost") })
//		})
//	}
//
// # Your own structure under it
//
//  1. Write it with the types of internal/atomicx. They are sync/atomic's own in a normal build.
//  2. Make each plain field that atomics hand from one goroutine to another an atomicx.Cell: a plain field in a normal
//     build, here checked for data races.
//  3. Put atomicx.Pause into each loop that waits for somebody else's write. Where it blocks, use atomicx.Parker or
//     atomicx.Mutex; where it looks at the clock, atomicx.Now, Sleep and NewTimer; where it draws lots, atomicx.Pick.
//  4. Write a scenario: two or three threads of one to three calls, everything built anew in the function. What the
//     threads count for the check is an atomicx word or a Cell too (rule S3 below); Finally sees it all.
//  5. Begin with Bounded and two preemptions; most bugs need no more. Go up to three or four while it takes seconds, or
//     try Exhaustive. Use Random where neither ends. Set StoreBuffers where the code has release stores.
//  6. Break the code on purpose and see the test fail. A scenario in which the threads never meet proves nothing.
//
// The code must be deterministic but for its schedule: no map iteration that steers it, no goroutines of its own (so no
// time.AfterFunc), no channel that another thread fills but Park's. A schedule that can't be repeated is reported.
//
// # Modes
//
// Bounded tries, depth first, all schedules with at most Options.Preemptions preemptions: taking another thread
// although the running one could go on (Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of
// Multithreaded Programs", PLDI 2007). Nothing else is left out. With a bound below zero none at all, which is what
// Exhaustive is compared with.
//
// Exhaustive tries all schedules but those that differ from a tried one only in the order of operations that don't
// depend on each other: sleep sets (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems",
// LNCS 1032, 1996). It knows no bound. The two are never combined: the schedule that stands for the others may be the
// one that the bound leaves out, and then they are all lost. Options that ask for both are an error.
//
// Random draws MaxSchedules schedules: by turns, each thread that can go on is as likely as any other at each step; or
// threads have random priorities, and a few random steps lower that of the one running (Burckhardt, Kothari,
// Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010), which
// finds what needs few, but rare, preemptions. Options.Seed fixes them all. It is a sample, and never called complete.
//
// # Why sleep sets lose nothing
//
// A transition is what a thread does from one yield to the next: one operation on one word, and what follows of its
// own. Which operation comes next is known at the yield, before it is made. Two transitions depend on each other when
//
//	S1  they have the same word, and one of them may write it: a CAS that fails counts as a write, and so do parking,
//	    waking, locking, unlocking; or
//	S2  one of them is a Pause and the other may write anything, for that is what a Pause waits for; or one of them
//	    is a membarrier, and the other is anything at all.
//
// Otherwise they commute: from a state where both can be made, neither stops the other or changes what it does, and
// both orders lead to the same state. When all schedules that begin with u from state s have been run, u is put to
// sleep for the alternatives that follow in s; after t is taken, those asleep that don't depend on t stay asleep.
// Taking a sleeping u, after t1..tn none of which depends on it, leads to the state that u t1..tn leads to, which has
// been explored. So each state in which a thread fails, or none can go on, is reached in one of the orders that are
// run (Godefroid, theorem 5.2). A thread asleep stays able to go on by the same argument; the search checks that, and
// panics where it doesn't hold. (A closed channel or a tick lets a parked thread go on for good: nothing but its token
// matters to it then, so S1 covers parking.)
//
//	S3  What threads share is seen by the search: atomicx words, Cells, Mutexes, Parkers, the clock. Cells need not
//	    count as dependent: were two accesses unordered, each order of the transitions that is equal by S1 and S2
//	    would show the vector clocks the same, hence the race; and where all are ordered, equal orders read equal
//	    values. A plain variable, a context.Context, a channel or a Timer that threads share has neither: Bounded
//	    takes it into account, Exhaustive does not.
//
// # Store buffers
//
// With Options.StoreBuffers each thread has a buffer, first in, first out (Owens, Sarkar, Sewell, "A Better x86 Memory
// Model: x86-TSO", TPHOLs 2009):
//
//	B1  StoreRelease32 and StoreRelease64 put (word, value) into the thread's own buffer. Nobody else sees that.
//	B2  Each buffer has an agent, scheduled like a thread, which moves the oldest entry to its word: at any time, or
//	    late.
//	B3  A load, and Own32, sees the newest entry for its word in the thread's own buffer; else the word.
//	B4  Every other operation (Store is a locked exchange; CAS, whether it succeeds or not; locks; parking, waking)
//	    can be made only when the thread's own buffer is empty.
//	B5  atomicx.Membarrier can return when all that other threads' buffers held when it was called has reached its
//	    words: each processor passes a barrier between call and return, and the earliest moment asks for least.
//	B6  Happens-before follows the entries: who loads the word acquires what its storer had done when it stored, not
//	    when the entry got there; a load out of one's own buffer acquires nothing.
//	B7  The run ends when the buffers are empty, so Finally sees memory as everybody will.
//
// A store into a buffer is seen by nobody, so it depends on nothing but a membarrier; an entry's way to its word is a
// write of that word by its own agent, so S1 covers it. Cells stay plain: where vector clocks order all accesses, a
// buffer cannot be noticed.
//
// Without StoreBuffers a release store is an atomic store.
//
// # Waiting, time, luck
//
//	W1  Pause can go on when another thread has written a word since this one's last Pause returned. A
//	    read-modify-write that leaves the value that was there doesn't count, or else two who try for a lock by Swap
//	    would keep each other going for ever. So a write between the look and the Pause isn't missed, and a loop that
//	    nobody will end is a deadlock.
//	W2  Park goes on with a wake-up, a closed channel, or a tick; Lock when the lock is free.
//	W3  When no thread, buffer or timer can go on, and not all threads have ended: a deadlock, or a lost wake-up.
//	W4  The clock is an agent as well. It stands still until a timer goes off, which may be at any time, the earliest
//	    due first. A loop that waits for a time has a timer or a Sleep in it, and one that polls has a Pause besides.
//	W5  Pick and Choose branch: each value is tried, in Random a random one.
//
// # What fails a run
//
//   - Assert with a false condition, any panic.
//   - Two accesses to one Cell, one of them a write, with no happens-before between them. As Go's memory model says, a
//     load is ordered behind the store whose value it sees, and a read-modify-write behind those before it as well.
//   - W3: a deadlock or a lost wake-up.
//   - More steps than Options.MaxSteps: a livelock, or a loop without Pause.
//
// # A failure
//
// The schedule that failed is shortened: switches between threads are left out one by one, and whole parts of the
// schedule, while it fails for the same reason. Then it is run once more to be printed, a line per step, a column per
// thread, with words, values, and places in the source (Name gives words names). The trace in the last line runs that
// one schedule again, without search:
//
//	go test -tags explore -run 'TestExploreCounter$' . -explore.replay=0x2.1x3.0x1
//
// or in the environment, FENCERT_EXPLORE_REPLAY=0x2.1x3.0x1. It reads: two steps of thread 0, three of thread 1, one
// of thread 0; b1x2 are two entries out of thread 1's buffer, tx1 is a tick, =2 a value that was picked. It is good
// for the code that made it: one operation more, and it names another schedule.
//
// # What a report counts
//
// Schedules, steps, time. Complete is true only when the search ended by itself. Behaviours is how many different ones
// there were, schedules being the same when they differ only in the order of what doesn't depend (by a hash of who
// followed whom at each word; Exhaustive runs each once). Unseen estimates the chance that the next random schedule
// would show a new one: the share of behaviours seen exactly once, after Good and Turing (Good, "The Population
// Frequencies of Species", Biometrika 1953). Covered estimates how much of its tree a search that was cut short has
// done, each alternative weighing the same as its neighbours; it is no probability.
//
// # What it cannot show
//
// Weak memory other than store buffers: on arm64 loads may be late too. Few threads, short runs, no garbage collector.
// Progress is tested only as far as a deadlock or livelock within the bounds.
package explore
