package main

// atomicseqFaults are of what the invariants of atomicseq, I1 to I5, name.
var atomicseqFaults = []*fault{
	{name: "Next is a load and a store", file: "atomicseq/counter.go",
		old: `	if n = c.last.Add(1); n > Max {`, new: `	n = c.last.Load() + 1
	if c.last.Store(n); n > Max {`},
	{name: "NextN is a load and a store", file: "atomicseq/counter.go",
		old: `last := c.last.Add(n)`, new: `last := c.last.Load() + n
	c.last.Store(last)`},
	{name: "a block begins one early", file: "atomicseq/counter.go", plain: true,
		old: `return last - n + 1, nil`, new: `return last - n, nil`},
	{name: "who finds no number takes back what it added", file: "atomicseq/counter.go",
		old: `c.last.Store(Max + 1)`, new: `c.last.Store(Max)`},
	{name: "an ended counter creeps up", file: "atomicseq/counter.go", plain: true,
		old: `	c.last.Store(Max + 1)
`, new: ``},
	{name: "Next hands out one beyond the end", file: "atomicseq/counter.go", plain: true,
		old: `Add(1); n > Max {`, new: `Add(1); n > Max+1 {`},
	{name: "a block may be one larger", file: "atomicseq/counter.go", plain: true,
		old: `if n-1 >= MaxBlock {`, new: `if n-1 > MaxBlock {`},
	{name: "Last tells of a number that wasn't handed out", file: "atomicseq/counter.go", plain: true,
		old: `return min(c.last.Load(), Max)`, new: `return c.last.Load()`},
	{name: "what is owned is stored late", file: "atomicseq/counter.go",
		old: `	atomicx.StoreRelease64(&c.last, n)
	return n, nil`, new: `	defer atomicx.StoreRelease64(&c.last, n-1)
	return n, nil`, plain: true},
	{name: "the quick way hands a number out twice", file: "atomicseq/counter.go", plain: true, run: "Counter",
		old: `	n := c.last.Load() + 1 // as in NextOwned
`, new: `	n := c.last.Load() // as in NextOwned
`},
	{name: "a counter starts one late", file: "atomicseq/counter.go", plain: true,
		old: `c.last.Store(n - 1)`, new: `c.last.Store(n)`},
	{name: "an advance is a store", file: "atomicseq/value.go",
		old: `if v.v.CompareAndSwap(old, n) {`, new: `if v.v.Store(n); true {`},
	{name: "two calls move a value to one number", file: "atomicseq/value.go", plain: true,
		old: `if old >= n {`, new: `if old > n {`},
	{name: "a number that was reached isn't", file: "atomicseq/value.go", plain: true,
		old: `return v.v.Load() >= n`, new: `return v.v.Load() > n`},
	{name: "a number is later than itself", file: "atomicseq/compare.go", plain: true,
		old: `return int32(a-b) > 0`, new: `return int32(a-b) >= 0`},
	{name: "the largest number isn't extended to", file: "atomicseq/compare.go", plain: true,
		old: `if n <= Max {`, new: `if n < Max {`},
}
