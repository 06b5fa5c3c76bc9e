{{/* Environment of both servers, as lines of a ConfigMap. docs/ of the project says what each one means. */}}

{{- define "spreadmesh.sharedSettings" -}}
HOST: "0.0.0.0"
LOG_FORMAT: json
{{- if .Values.security.insecure }}
INSECURE: {{ .Values.security.insecure }}
{{- end }}
{{- if .Values.tls.enabled }}
TLS_CERT_FILE: /etc/spreadmesh/tls/tls.crt
TLS_KEY_FILE: /etc/spreadmesh/tls/tls.key
{{- if .Values.tls.requireClientCertificates }}
TLS_CLIENT_CA_FILE: /etc/spreadmesh/tls/ca.crt
{{- end }}
{{- end }}
{{- with .Values.access }}
{{- if .apiKeys.existingSecret }}
API_KEYS_FILE: /etc/spreadmesh/access/keys
{{- end }}
{{- if include "spreadmesh.knowsCertificates" $ }}
IDENTITIES_FILE: /etc/spreadmesh/access/identities
{{- end }}
{{- with .oidc }}
{{- if .issuer }}
OIDC_ISSUER: {{ .issuer | quote }}
OIDC_AUDIENCE: {{ .audience | quote }}
{{- with .roleClaim }}
OIDC_ROLE_CLAIM: {{ . | quote }}
{{- end }}
{{- with .nameClaim }}
OIDC_NAME_CLAIM: {{ . | quote }}
{{- end }}
{{- with .jwksUrl }}
OIDC_JWKS_URL: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.telemetry.env }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Certificate and trust of a client of the mesh. */}}
{{- define "spreadmesh.clientTls" -}}
SPREADMESH_TLS_CA_FILE: /etc/spreadmesh/tls/ca.crt
SPREADMESH_TLS_CERT_FILE: /etc/spreadmesh/tls/tls.crt
SPREADMESH_TLS_KEY_FILE: /etc/spreadmesh/tls/tls.key
{{- end -}}

{{- define "spreadmesh.ownSettings" -}}
{{- range $name, $value := . }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end -}}
