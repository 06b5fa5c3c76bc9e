{{/* Peers and ports that several policies name. */}}

{{- define "spreadmesh.componentPeer" -}}
- podSelector:
    matchLabels:
      {{- include "spreadmesh.selectorLabels" . | nindent 6 }}
{{- end -}}

{{- define "spreadmesh.ingressOfMetrics" -}}
{{- if and .root.Values.metrics.enabled .root.Values.networkPolicy.metricsFrom }}
- from:
    {{- toYaml .root.Values.networkPolicy.metricsFrom | nindent 4 }}
  ports: [{port: {{ .port }}, protocol: TCP}]
{{- end }}
{{- end -}}

{{/* Names, a collector, and the keys of an identity provider. */}}
{{- define "spreadmesh.egressOfServers" -}}
- to:
    {{- toYaml .Values.networkPolicy.dnsTo | nindent 4 }}
  ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- with .Values.networkPolicy.otlpTo }}
- to:
    {{- toYaml . | nindent 4 }}
  ports: [{port: 4317, protocol: TCP}]
{{- end }}
{{- with .Values.networkPolicy.oidcTo }}
- to:
    {{- toYaml . | nindent 4 }}
  ports: [{port: 443, protocol: TCP}]
{{- end }}
{{- end -}}
