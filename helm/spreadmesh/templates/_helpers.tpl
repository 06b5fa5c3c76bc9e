{{/* Names, labels and images. A component is given as (dict "root" $ "component" "scanner"). */}}

{{- define "spreadmesh.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Prefix of all names; short enough for the longest suffix. */}}
{{- define "spreadmesh.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "spreadmesh.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "spreadmesh.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "spreadmesh.componentName" -}}
{{- printf "%s-%s" (include "spreadmesh.fullname" .root) .component -}}
{{- end -}}

{{- define "spreadmesh.selectorLabels" -}}
app.kubernetes.io/name: {{ include "spreadmesh.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "spreadmesh.labels" -}}
{{ include "spreadmesh.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: spreadmesh
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* registry/repository/NAME:tag@digest of one of our own images; "digest" may be empty. */}}
{{- define "spreadmesh.image" -}}
{{- $image := .root.Values.image -}}
{{- $path := list $image.registry $image.repository .name | compact | join "/" -}}
{{- $tag := default .root.Chart.AppVersion $image.tag -}}
{{- printf "%s:%s" $path $tag }}{{ with .digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "spreadmesh.gatewayHost" -}}
{{- if .Values.simulator.enabled -}}
{{- include "spreadmesh.componentName" (dict "root" . "component" "simulator") -}}
{{- else if .Values.ibGateway.enabled -}}
{{- include "spreadmesh.componentName" (dict "root" . "component" "ib-gateway") -}}
{{- else -}}
{{- .Values.ibkrServer.gateway.host -}}
{{- end -}}
{{- end -}}

{{/* Port of the gateway's Service; the relay of the gateway's image has 4003 for live, 4004 for paper. */}}
{{- define "spreadmesh.gatewayPort" -}}
{{- if .Values.simulator.enabled -}}7497
{{- else if .Values.ibGateway.enabled -}}{{ ternary 4003 4004 (eq .Values.ibGateway.tradingMode "live") }}
{{- else -}}{{ .Values.ibkrServer.gateway.port }}
{{- end -}}
{{- end -}}

{{- define "spreadmesh.spiffeId" -}}
{{- printf "spiffe://%s/ns/%s/sa/%s" .root.Values.certManager.trustDomain .root.Release.Namespace (include "spreadmesh.componentName" .) -}}
{{- end -}}
