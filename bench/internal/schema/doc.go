// Package schema is what the tables show, as data: the types behind results.json, with a
// version, and the rules for reading a file of another one.
//
// The raw text in the benchmark format stays the truth. A file of this schema is made from
// it and can be made again, so a reader never repairs one: it refuses what it doesn't know.
//
// Within a version, fields may be added. A field that changes its meaning or goes away
// raises Version.
package schema

import "errors"

// Names of the kinds of files, the value of the field "schema".
const (
	ResultsName = "fencert-bench-results"
	IndexName   = "fencert-bench-index"
)

// Version is what this program writes, and the only one that it reads.
const Version = 1

// ResultsFile and IndexFile are where the files of these schemas stand: beside bench.txt, and
// among the runs' folders.
const (
	ResultsFile = "results.json"
	IndexFile   = "index.json"
)

// Errors. Test with errors.Is.
var (
	// ErrBroken: no JSON, cut short, or not of the kind that was asked for.
	ErrBroken = errors.New("not a file of this schema")
	// ErrOlder: written by a program that is older than this one.
	ErrOlder = errors.New("schema is older than this program reads")
	// ErrNewer: written by a program that is newer than this one.
	ErrNewer = errors.New("schema is newer than this program reads")
)
