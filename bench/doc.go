// Package bench holds the implementations that the benchmark suite compares: the
// fence runtime, the versions with a mutex, channels and contexts that people
// write by hand, and two measuring sticks. The benchmarks themselves are the
// package's tests:
//
//	go test -bench . ./bench/
//	go test -bench 'Lifecycle/callbacks=1/' -cpu 1,2 ./bench/
//
// # The contract
//
// Every implementation keeps the same contract, stated at Worker, and passes the
// same conformance test before it is timed. What one of its kind cannot keep
// stands in its Capability and is left out of the test by that flag alone:
//
//	            callbacks in   run on the         stale handles   waits by
//	            order          signaler's         recognised
//	                           goroutine
//	lockfree    yes            yes                yes             park, spin, adaptive
//	implicit    yes            yes                yes             park, spin, adaptive
//	mutex       yes            yes                kept alive      park, spin
//	mutexpool   yes            yes                yes             park, spin
//	channel     yes            no: one delivery   kept alive      park
//	                           goroutine
//	context     no             no: a goroutine    kept alive      park
//	                           per callback
//	heap        yes            yes                kept alive      park, spin
//
// "Kept alive" means that the collector keeps what a handle points to, so that
// there is nothing stale to recognise. A test compares this table with the flags.
//
// noop and limit keep no contract: noop does only the counting that the checks
// need and so measures the harness; limit does the atomic operations that a row
// cannot do without, and nothing else.
//
// # Timelines
//
// Timelines have a contract of their own, stated at LineWorker, with a
// conformance test of its own. A LineCapability says what is there:
//
//	            callbacks   channels   waits
//	lockfree    yes         yes        yes
//	mutexheap   yes         yes        yes
//	mutexmap    yes         yes        yes
//	cond        no          no         yes
//
// mutexheap is the one to take seriously: a binary heap under a mutex, with the
// value and the earliest point in atomic words, so that Advance takes the lock
// only when something is due. mutexmap is what Raft servers do. cond wakes
// everybody.
//
// # The harness
//
// Benchmark bodies call workers through the interface Worker. An interface call
// under generics costs what a plain one does (about a nanosecond; impl=noop shows
// it), is the same for all, and keeps the compiler from removing the work.
// Rows of private work split b.N among GOMAXPROCS goroutines, so that -cpu 1
// measures one core alone and -cpu 2 two cores at once, in wall time per
// operation of both. Every benchmark counts what it did and fails when a count or
// a sum of arguments is wrong.
//
// The metric cpus is CPU seconds per wall second of the timed region, on systems
// that have getrusage. cpus-want is what it should be when nothing else took
// the processors; only rows whose goroutines never block report it. On several
// processors it is 15 % lower for implementations that allocate, since the
// collector stops them.
//
// mutexpool and mutexheap take their locks and words from internal/atomicx, where these are sync's and sync/atomic's own but
// in the build that counts atomics for the table of costs.
//
// # Group commit
//
// BenchmarkGroupCommit measures other subjects: ways of waiting for a position in a log, one of them a timeline. They and
// the log stand in internal/commit, with the checks that each of them passes first.
//
// # Latency under load
//
// BenchmarkPipeline is an open loop: jobs are due at a fixed rate, whether those before them are done or not, and
// latencies count from then. Package internal/load has the reasons and the parts that know nothing of fences. A lane is one
// submitter, one device, and four waiters; submitters and devices spin, and lanes are as many as leave a processor to all else. Each
// run counts: every job's callback once and while its job is being signaled, every waiter released, with the result,
// and not before the signal.
//
// # Memory
//
// BenchmarkGC times collections beside pending fences; BenchmarkMemory allocates beside them, and tells what the collector
// takes from those who do. What doesn't fit into the memory that is free is skipped, see internal/memory.
//
// # Beyond one value
//
// BenchmarkCommitWindow has a contract of its own, stated at Window, with a conformance test and checks that bite:
// lockfree is fencert's CommitWindow, mutexheap a mutex with a heap of what is complete, channel a goroutine that has
// it. BenchmarkSeqWrite and BenchmarkSourceSync compare with a closure, and with their atomic operations alone.
//
// # Adding an implementation
//
// Write a World and a Worker, and add a line to the table of subjects in
// table_test.go; for timelines a LineWorld, a LineWorker, and a line in
// line_table_test.go.
package bench
