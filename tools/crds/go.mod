// The modules that carry the definitions of custom resources which the chart makes.
module spreadmesh/tools/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.19.4
	github.com/prometheus-operator/prometheus-operator v0.85.0
	istio.io/api v1.31.1
	sigs.k8s.io/gateway-api v1.6.3
)
