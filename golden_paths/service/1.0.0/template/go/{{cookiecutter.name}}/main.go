// Command {{ cookiecutter.name }} runs the service.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app"
	"{{ cookiecutter.name }}.{{ cookiecutter.organisation }}.internal/app/settings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once

	given, err := settings.FromEnvironment(os.LookupEnv)
	if err != nil {
		return err
	}
	service, err := app.New(given)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(given.Host, strconv.Itoa(given.Port)))
	if err != nil {
		return err
	}
	return service.Run(ctx, listener)
}
