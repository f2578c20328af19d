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
// The tree is never changed and never copied: the go command takes the one changed file through -overlay.
//
// # Checks
//
//	tests      the tests of a package in a normal build, with -short
//	explorer   its explorer tests, under the tag explore
//
// A fault names the check that is tried first, for some with a pattern of tests, and then the others are tried until
// one fails: the explorer and the tests of its package, then those of runtime, which is built on all of them. "Caught by"
// is the first one that failed. Each is run without a fault before it is believed (a check that fails anyhow catches
// nothing, a pattern that matches no test passes always). A test that doesn't end within the limit, or takes more memory
// than any test should, has failed.
//
// Faults that nothing can notice say why. One that is said to be of that kind and is caught all the same is an error, as is
// one that isn't and survives: then Mutate exits with 1.
package main
