package main

// A place is where a mechanical fault was made: its file, its kind, and the function and line.
type place struct{ file, kind, where string }

// explained says of mechanical faults that survived why nothing can notice them.
var explained = map[place]string{}
