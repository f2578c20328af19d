package fencert_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	fencert "github.com/fencert/fencert/runtime"
)

// A commitLog is group commit in miniature: many goroutines append, one writes and syncs what has come together, and each waits
// until the file is durable to its own last byte.
type commitLog struct {
	file    *os.File
	durable *fencert.Timeline // its value is a position in the file
	work    chan struct{}     // room for one: there is something to write

	mu      sync.Mutex
	pending []byte
	end     uint64 // the position behind the last record
}

// commit returns when the record is on the disk, or with what went wrong there.
func (g *commitLog) commit(ctx context.Context, record string) error {
	g.mu.Lock()
	g.pending = append(g.pending, record...)
	g.end += uint64(len(record))
	end := g.end
	g.mu.Unlock()
	select {
	case g.work <- struct{}{}:
	default: // who syncs has been told already
	}
	return g.durable.Wait(ctx, end)
}

// run is the one goroutine that syncs.
func (g *commitLog) run() {
	for range g.work {
		g.mu.Lock()
		batch, end := g.pending, g.end
		g.pending = nil
		g.mu.Unlock()
		_, err := g.file.Write(batch)
		if err == nil {
			err = g.file.Sync()
		}
		if err != nil {
			g.durable.Close(err) // all who wait for more get this, and who asks later
			return
		}
		g.durable.Advance(end) // all up to here, at once
	}
}

// Group commit: one sync for all who wait.
func Example_groupCommit() {
	rt, err := fencert.New(fencert.Config{Fences: 1024, Strategy: fencert.Park}) // a sync is a long wait
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	dir, _ := os.MkdirTemp("", "fencert")
	defer os.RemoveAll(dir)
	file, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		panic(err)
	}
	g := &commitLog{file: file, work: make(chan struct{}, 1)}
	g.durable, _ = rt.NewTimeline("log", "durable")
	var syncing sync.WaitGroup
	syncing.Go(g.run)

	var writing sync.WaitGroup
	for writer := range 4 {
		writing.Go(func() {
			for n := range 25 {
				if err := g.commit(context.Background(), fmt.Sprintf("writer %d record %02d\n", writer, n)); err != nil {
					panic(err)
				}
			}
		})
	}
	writing.Wait()
	inFile, _ := os.ReadFile(file.Name())
	fmt.Println(bytes.Count(inFile, []byte("\n")), "records, durable to byte", g.durable.Value(), "of", len(inFile))

	file.Close() // the disk is gone
	fmt.Println(g.commit(context.Background(), "too late\n") != nil, g.commit(context.Background(), "later\n") != nil)
	syncing.Wait()
	fmt.Println("durable to byte", g.durable.Value())
	// Output:
	// 100 records, durable to byte 1900 of 1900
	// true true
	// durable to byte 1900
}
