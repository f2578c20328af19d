// Package projecttest holds the tests about the project as a whole: which package may
// import which, what the compiler must inline, and that the documents say what the code
// says. It has no code of its own. (The figures in README.md are checked where they are
// made, in bench/internal/readme.)
//
// The tests start the go command, and git where it is there; without the first they are
// skipped. They need no network.
package projecttest
