// Package linear tells from the calls of a few goroutines, and what each was answered, whether the structure under them
// could be one that does every call at once at some moment between call and return: whether the history is linearizable
// (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects", TOPLAS 1990). It is for tests.
//
// A Spec is the structure in the plainest words: a state, and what each answer says of it. Threads record a History,
// of goroutines or of the schedule explorer; a Checker has porcupine search for an order, and where there is none leaves
// porcupine's picture of the history, whose path the error tells.
//
//	h := linear.NewHistory[op](2)
//	linear.Together(2, 1, func(_, k int) {
//		h.Thread(k).Do(func() op { v := counter.Add(1); return op{v} })
//	})
//	if err := checker.Check(h); err != nil { … }
//
// # What is time
//
// A counter that each call and each return raises. An earlier return happens before a later call, and not only on one clock:
// the counter's Add is a locked operation, so what the call has stored is visible to whoever is called later, release stores
// too. Nanoseconds wouldn't say that. The price is that goroutines meet at the counter, and that the race detector
// sees them ordered there: that is what the stress tests are for.
//
// Under the explorer a call begins with a yield. Without it the calls of a thread would begin, as far as anybody can tell,
// when the one before ended, and overlap with what came between.
//
// # Calls in steps
//
// Some calls do more than one thing, by contract at different moments: a fence is signaled, and later its callbacks have run.
// Such a call has an operation for each step, which lie in the call's interval in this order. Operations of one thread keep
// their order in any case.
//
// # What it shows
//
// That the histories that were recorded are in order. How many different ones that were is counted; the search through one is
// exponential, so they are short.
package linear
