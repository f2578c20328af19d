//go:build !race

package fencert

const raceEnabled = false
