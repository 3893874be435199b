package telemetry

import (
	"errors"
	"net/http"
)

// failOnPurpose fails as a bug would: `platformctl prove` wants to see what that sets off.
// The route is there only while `SERVICE_DRILL` is `on`.
func failOnPurpose(http.ResponseWriter, *http.Request) {
	panic(errors.New("this is a drill"))
}
