package report

// operations say what an operation of each benchmark is, in the words of docs/benchmarking.md; a test holds them
// together.
var operations = map[string]string{
	"AtomicAdd":      "one atomic add to a word of one's own: at one CPU this is R, the unit",
	"Lifecycle":      "reserve, arm with seqno, add k callbacks one by one, signal with their runs, drop",
	"LifecycleHeld":  "the same, and a consumer holds, reads the result afterwards and releases",
	"BatchAdd":       "Lifecycle with all callbacks added by one call",
	"Poll":           "one Signaled of a pending fence: always the same, or 65,536 in an order that no prefetcher follows",
	"Add":            "one add while several goroutines add to the same fence; its signal, the runs and two barriers per 64 adds are in it",
	"Cancel":         "one add and the cancel of it, beside so many other pending callbacks",
	"FanOut":         "a life with a thousand callbacks; add-ns/cb and run-ns/cb divide it",
	"CrossCore":      "a life that is armed on one goroutine and finished on another; a queue between them is part of it",
	"Wake":           "from the call of Signal to the waiter's return, as percentiles",
	"WakeMany":       "from the call of Signal until the last of many parked waiters has returned; signal-ns/waiter is the signaler's part",
	"GroupCommit":    "a record that is appended to a real file and waited for until it is synced; p50-ns and p99-ns are a writer's wait, flush-ns is the disk's part of a batch",
	"Seqno":          "one seqno of a context that several goroutines share",
	"AllocFree":      "taking an object, using it, giving it back: one at a time, 64 at a time, or across goroutines",
	"Pin":            "one protected read of a shared value; bare is the read alone, portable has a full barrier in each Pin, local calls Pin and Unpin of a Local where lockfree inlines those of its Participant",
	"Advance":        "one Advance of a timeline by that many points, of which none, each hundredth or each has a callback, added just before and part of it; ns/point divides it by them",
	"AdvanceBatch":   "one point of which each has a callback: the add and its part of an Advance over so many",
	"AdvanceTwo":     "one number by which two goroutines together move a timeline that both advance",
	"AddAdvance":     "adding a callback and advancing to the next one, beside so many pending that are never reached, or in a window of so many outstanding",
	"DoneAdvance":    "the same through the channel of Done",
	"Sparse":         "the same for positions in a log that are so many bytes apart, 500 outstanding",
	"Jump":           "one of so many callbacks at random points that one Advance reaches; release-ns/point is the Advance's part",
	"TimelineCancel": "one add and the cancel of it, at a random point among so many pending ones",
	"TimelinePoll":   "one look at whether a point is reached",
	"WaitAt":         "from the call of Advance until the last of so many has returned from Wait, each parked at a point of its own",
	"GC":             "a whole collection beside so many pending fences; B/fence is their memory",
	"Memory":         "32 MB of garbage, allocated beside so many pending fences that are replaced one by one; gc-cpu-ms and assist-ms are what a collection costs, gc-ms is how long one takes alone",
	"Pipeline":       "a job of an open loop at so many per second: see [latency under load](#latency-under-load)",
}
