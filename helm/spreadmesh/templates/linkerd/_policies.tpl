{{/* Who may use what: "target" (kind Server or HTTPRoute), "name", "authentication". */}}
{{- define "spreadmesh.linkerdAllow" -}}
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata:
  name: {{ .name }}
  labels:
    {{- include "spreadmesh.labels" .me | nindent 4 }}
spec:
  targetRef: {group: policy.linkerd.io, kind: {{ .kind }}, name: {{ .target }}}
  requiredAuthenticationRefs:
    - {group: policy.linkerd.io, kind: MeshTLSAuthentication, name: {{ .authentication }}}
{{- end -}}

{{- define "spreadmesh.linkerdServer" -}}
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata:
  name: {{ include "spreadmesh.componentName" .me }}
  labels:
    {{- include "spreadmesh.labels" .me | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "spreadmesh.selectorLabels" .me | nindent 6 }}
  port: {{ .port }}
  proxyProtocol: {{ .protocol }}
{{- end -}}

{{/* Service accounts of this release ("components") and identities from the values ("clients"). */}}
{{- define "spreadmesh.linkerdIdentities" -}}
apiVersion: policy.linkerd.io/v1alpha1
kind: MeshTLSAuthentication
metadata:
  name: {{ .name }}
  labels:
    {{- include "spreadmesh.labels" .me | nindent 4 }}
spec:
  identityRefs:
    {{- $root := .me.root }}
    {{- range .components }}
    - {kind: ServiceAccount, name: {{ include "spreadmesh.componentName" (dict "root" $root "component" .) }}, namespace: {{ $root.Release.Namespace }}}
    {{- end }}
    {{- range .clients }}
    - {kind: ServiceAccount, name: {{ .name }}, namespace: {{ .namespace }}}
    {{- end }}
{{- end -}}
