package main

import (
	"context"
	"fmt"

	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// registrationServer answers the kubelet, which finds it by its socket in the plugins_registry folder.
type registrationServer struct {
	registration.UnimplementedRegistrationServer
	name     string
	endpoint string
	failed   chan<- error
}

func (r *registrationServer) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              r.name,
		Endpoint:          r.endpoint,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r *registrationServer) NotifyRegistrationStatus(_ context.Context, request *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !request.PluginRegistered {
		// Never wait for a reader: one failure is enough to end the driver.
		select {
		case r.failed <- fmt.Errorf("the kubelet refuses %s: %s", r.name, request.Error):
		default:
		}
	}
	return &registration.RegistrationStatusResponse{}, nil
}
