{{/* What the schema can't say: values that contradict each other. Included by the objects of both servers. */}}

{{- define "spreadmesh.checks" -}}
{{- include "spreadmesh.checkAccess" . -}}
{{- if and .Values.simulator.enabled .Values.ibGateway.enabled -}}
{{- fail "simulator.enabled and ibGateway.enabled exclude each other: a server has one gateway" -}}
{{- end -}}
{{- if and .Values.mesh.istio.enabled .Values.mesh.linkerd.enabled -}}
{{- fail "mesh.istio.enabled and mesh.linkerd.enabled exclude each other" -}}
{{- end -}}
{{- if and .Values.ibGateway.enabled (not .Values.ibGateway.existingSecret) -}}
{{- fail "ibGateway.existingSecret must name the Secret with the login (keys: username, password)" -}}
{{- end -}}
{{- if and .Values.scanner.presets.enabled (or .Values.scanner.autoscaling.enabled (ne (int .Values.scanner.replicas) 1)) -}}
{{- fail "scanner.presets.enabled needs scanner.replicas=1 and no autoscaling: saved presets are a file of one scanner, and the others would not know them" -}}
{{- end -}}
{{- end -}}

{{- define "spreadmesh.checkAccess" -}}
{{- $access := .Values.access -}}
{{- $bearers := or $access.apiKeys.existingSecret $access.oidc.issuer -}}
{{- $certificates := include "spreadmesh.knowsCertificates" . -}}
{{- $insecure := .Values.security.insecure -}}
{{- if and (not .Values.tls.enabled) (not $insecure) -}}
{{- fail "tls.enabled=false: servers would listen beyond their pod in plain text. Enable TLS, or set security.insecure=plaintext where a service mesh encrypts, or =allowed for a demo that anybody may call" -}}
{{- end -}}
{{- if and (ne $insecure "allowed") (not (or $bearers $certificates)) -}}
{{- fail "nobody could be told from anybody: name access.apiKeys.existingSecret, access.oidc.issuer or, with TLS and client certificates, access.identities.existingSecret, or set security.insecure=allowed" -}}
{{- end -}}
{{- if and (ne $insecure "allowed") (not $certificates) (not $access.scannerApiKey.existingSecret) -}}
{{- fail "the scanner would be refused by ibkr_server: name access.scannerApiKey.existingSecret (a viewer's key), or list its certificate in access.identities.existingSecret" -}}
{{- end -}}
{{- if and $access.oidc.issuer (not $access.oidc.audience) -}}
{{- fail "access.oidc.issuer needs access.oidc.audience" -}}
{{- end -}}
{{- end -}}
