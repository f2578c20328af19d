package main

// depotFaults are of what the invariants of internal/depot, D1 to D5, name.
var depotFaults = []*fault{
	{name: "a take leaves the tag as it is", file: "internal/depot/depot.go",
		old: `h&^MaxIndex+oneTake|uint64(i)`, new: `h&^MaxIndex|uint64(i)`},
	{name: "a take is a store", file: "internal/depot/depot.go",
		old: `if d.head.CompareAndSwap(h, h&^MaxIndex+oneTake|uint64(i)) {`,
		new: `if d.head.Store(h&^MaxIndex + oneTake | uint64(i)); true {`},
	{name: "a put is a store", file: "internal/depot/depot.go",
		old: `if d.head.CompareAndSwap(h, h&^MaxIndex|uint64(from[0])) {`,
		new: `if d.head.Store(h&^MaxIndex | uint64(from[0])); true {`},
	{name: "a put that tries again keeps its first link", file: "internal/depot/depot.go",
		old: `	for {
		h := d.head.Load()
		atomicx.StoreRelease32(&d.links[from[last]], uint32(h&MaxIndex))
`,
		new: `	atomicx.StoreRelease32(&d.links[from[last]], uint32(d.head.Load()&MaxIndex))
	for {
		h := d.head.Load()
`},
	{name: "a put publishes what isn't linked yet", file: "internal/depot/depot.go",
		old: `		atomicx.StoreRelease32(&d.links[from[k]], from[k+1]) // D2`,
		new: `		defer atomicx.StoreRelease32(&d.links[from[k]], from[k+1])`},
	{name: "carving is a store", file: "internal/depot/depot.go",
		old: `if d.fresh.CompareAndSwap(f, f+n) {`, new: `if d.fresh.Store(f + n); true {`},
	{name: "what lies beyond the limit is carved", file: "internal/depot/depot.go", plain: true,
		old: `n := min(limit-f, uint32(len(to)))`, new: `n := uint32(len(to))`},
	{name: "a smaller Grow wins", file: "internal/depot/depot.go", plain: true,
		old: `if old >= n || d.limit`, new: `if d.limit`},
	{name: "Shut leaves the tag as it is", file: "internal/depot/depot.go",
		old: `h&^MaxIndex+oneTake) {`, new: `h&^MaxIndex) {`,
		harmless: "an index that Shut took out is never put again, so no walker can find the head again that it began with; the tag saves that argument"},
	{name: "Shut shuts by a store", file: "internal/depot/depot.go",
		old: `if d.fresh.CompareAndSwap(f, f|shut) {`, new: `if d.fresh.Store(f | shut); true {`},
}
