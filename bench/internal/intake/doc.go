// Package intake takes the results of another machine into a checkout. They come from a place that nobody here knows, so all
// of it is looked at before anything is kept:
//
//   - A name is RUN/FILE, with or without results/ before it, or FILE in a folder that is a run. Anything else that leads out
//     of that, links, devices, names with odd characters, and what is too large or too much ends it all.
//   - Kept are the files that cannot be made again: bench.txt, and what stands beside it in JSON under a schema of ours.
//     What is made from bench.txt, pages and pictures among it, is left out, and tables.txt made anew.
//   - bench.txt is complete and says so, all of it can be read, it is of this suite, and its header is that of a run and
//     fits the folder's name.
//
// All runs appear, or none: they are put together in a directory beside their place and renamed. A folder that is there
// already is never changed.
package intake

import "errors"

// Limits, in bytes but for the number of files. A full run of the suite has a megabyte.
const (
	MaxFile  = 32 << 20
	MaxTotal = 256 << 20
	MaxFiles = 10_000
)

// Errors. Test with errors.Is.
var (
	// ErrName: a name that isn't that of a run's file.
	ErrName = errors.New("not a name that results have")
	// ErrKind: a link, a device or the like.
	ErrKind = errors.New("neither a file nor a folder")
	// ErrSize: larger than results are, or more of them.
	ErrSize = errors.New("too much for results")
	// ErrBroken: cut short, or never whole.
	ErrBroken = errors.New("not whole")
	// ErrForeign: not measured by this suite, or under a schema that this program doesn't know.
	ErrForeign = errors.New("not results of this suite")
	// ErrThere: a folder of that name is there already.
	ErrThere = errors.New("is there already; nothing was changed")
	// ErrNothing: no run in it.
	ErrNothing = errors.New("no run in it")
)
