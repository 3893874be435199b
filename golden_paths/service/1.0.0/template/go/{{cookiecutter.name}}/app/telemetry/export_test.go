package telemetry

import (
	"bytes"
	"io"
)

// Logged returns what was logged meanwhile.
func Logged(meanwhile func()) string {
	var log bytes.Buffer
	stdout := replaceOutput(&log)
	defer replaceOutput(stdout)
	meanwhile()
	output.Lock()
	defer output.Unlock()
	return log.String()
}

func replaceOutput(by io.Writer) (before io.Writer) {
	output.Lock()
	defer output.Unlock()
	before, output.Writer = output.Writer, by
	return before
}
