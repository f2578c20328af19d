package commit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A record in the file, numbers little-endian:
//
//	[0:4]  length of the payload, 1 to MaxPayload
//	[4:8]  CRC-32C of the payload, its position in the file (8 bytes) and the length (4)
//	[8:]   payload
//
// The position makes a record that was left at another place by an earlier file, or copied there, no record. A length is
// never 0, so neither are zeros, which is what a file system may leave where a write was lost.
const headerBytes = 8

// MaxPayload is the longest payload of a record, in bytes.
const MaxPayload = 1 << 24

// Errors of records. Test with errors.Is.
var (
	// ErrSize: a payload is empty or longer than MaxPayload. Nothing was appended.
	ErrSize = errors.New("commit: payload must have 1 to MaxPayload bytes")
	// ErrTorn: what follows is no whole record: an append was cut off there, or the file is damaged.
	ErrTorn = errors.New("commit: torn record")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// RecordBytes returns how much room a payload of n bytes takes in the file.
func RecordBytes(n int) uint64 { return headerBytes + uint64(n) }

// appendRecord appends the record of payload, which begins at position in the file; payloadSum is its CRC-32C.
func appendRecord(b []byte, position uint64, payload []byte, payloadSum uint32) []byte {
	at := len(b)
	// The room of the header serves as that of the twelve bytes which the sum goes on with, so that nothing is allocated.
	b = binary.LittleEndian.AppendUint64(b, position)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	sum := crc32.Update(payloadSum, castagnoli, b[at:])
	b = binary.LittleEndian.AppendUint32(b[:at], uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, sum)
	return append(b, payload...)
}

// sumOf returns what the second word of a record's header has to be.
func sumOf(position uint64, payload []byte) uint32 {
	var tail [12]byte
	binary.LittleEndian.PutUint64(tail[:], position)
	binary.LittleEndian.PutUint32(tail[8:], uint32(len(payload)))
	return crc32.Update(crc32.Checksum(payload, castagnoli), castagnoli, tail[:])
}

// Scan reads records from the beginning of a log and calls visit with each payload, which is valid during the call, and the
// position of the record's end. It returns the position up to which all is whole, and nil when nothing follows it;
// ErrTorn when something does; the error of visit or of reading else.
func Scan(r io.Reader, visit func(end uint64, payload []byte) error) (whole uint64, err error) {
	var header [headerBytes]byte
	var payload []byte
	for {
		if n, err := io.ReadFull(r, header[:]); err == io.EOF {
			return whole, nil
		} else if err != nil {
			return whole, torn(err, whole, "%d bytes of a header", n)
		}
		length := binary.LittleEndian.Uint32(header[:])
		if length == 0 || length > MaxPayload {
			return whole, torn(nil, whole, "a length of %d", length)
		}
		if int(length) > cap(payload) {
			payload = make([]byte, length)
		}
		payload = payload[:length]
		if n, err := io.ReadFull(r, payload); err != nil {
			return whole, torn(err, whole, "%d of %d bytes", n, length)
		}
		if sum := binary.LittleEndian.Uint32(header[4:]); sum != sumOf(whole, payload) {
			return whole, torn(nil, whole, "a wrong checksum over %d bytes", length)
		}
		end := whole + RecordBytes(len(payload))
		if err := visit(end, payload); err != nil {
			return whole, err
		}
		whole = end
	}
}

// torn makes the error for a record that isn't whole; an error of reading, other than that the file ends, is returned as it is.
func torn(err error, position uint64, format string, args ...any) error {
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	return fmt.Errorf("%w at position %d: %s", ErrTorn, position, fmt.Sprintf(format, args...))
}
