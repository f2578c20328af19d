// Mutate puts faults into the project's own code, one at a time, and looks which check notices: a test that can't fail
// proves nothing.
//
//	go run ./internal/mutate                              every fault with a name; writes docs/mutants.md
//	go run ./internal/mutate -packages arena,cbqueue      those of some packages; the rest of the page stays as it is
//	go run ./internal/mutate -faults 'second look'        those whose names match
//	go run ./internal/mutate -deep=false                  with their first checks alone, while working
//	go run ./internal/mutate -named=false -mechanical 40 -seed 1
//
// # Faults
//
// The faults with names are chosen: each leaves out or turns around what an invariant of its package needs. They are text
// that replaces text which stands in its file exactly once (a test sees to that), so a fault goes stale where its code
// changes. The mechanical ones are made from the syntax, by rules that know nothing of the code (generate.go), and drawn
// by a seed, by turns from each package: they show what nobody has thought of.
//
// The tree is never changed and never copied: the go command takes the changed files through -overlay. All faults of a run
// are woven into one build of each package's tests, and the environment says which of them is there (weave.go).
//
// # Checks
//
//	tests      the tests of a package in a normal build, with -short
//	explorer   its explorer tests, under the tag explore
//
// The test that the page names, which caught the fault the last time, is tried first. Then what the fault names, for some
// a pattern of tests, and then the others until one fails: the explorer and the tests of its package, then those of
// runtime, which is built on all of them. "Caught by" is the first one that failed. Explorer tests sample a few hundred
// schedules each before they search, which shows in seconds where to search; of runtime's, whose searches take minutes,
// a fault of another package gets that sample alone.
//
// What fails is run without a fault before it is believed (a test that fails anyhow catches nothing, a pattern that
// matches no test passes always). A test has failed too when it takes more memory than any should, or doesn't end: within
// the limit of the processor's time, so that a busy machine isn't taken for a fault, of which it takes less than a third
// without one.
//
// Faults that nothing can notice say why. One that is said to be of that kind and is caught all the same is an error, as is
// one that isn't and survives: then Mutate exits with 1.
package main
