{{/* A pod of `helm test`: "name", "image", "args" (YAML), "values". */}}
{{- define "spreadmesh.testPod" -}}
{{- $me := dict "root" .root "component" "test" "values" .root.Values.tests "apiKey" .root.Values.access.testApiKey -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ printf "%s-%s" (include "spreadmesh.componentName" $me) .name }}
  labels:
    {{- include "spreadmesh.labels" $me | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "spreadmesh.componentName" $me }}
  activeDeadlineSeconds: {{ .root.Values.tests.timeoutSeconds }}
  {{- include "spreadmesh.scheduling" $me | nindent 2 }}
  securityContext:
    {{- include "spreadmesh.podSecurityContext" (dict "user" 10001) | nindent 4 }}
  containers:
    - name: {{ .name }}
      image: {{ include "spreadmesh.image" (dict "root" .root "name" .image "digest" .digest) }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext:
        {{- include "spreadmesh.containerSecurityContext" (dict "readOnly" true) | nindent 8 }}
      {{- .run | nindent 6 }}
      resources:
        requests: {cpu: 100m, memory: 128Mi}
        limits: {cpu: "1", memory: 256Mi}
      volumeMounts:
        {{- include "spreadmesh.serverMounts" $me | nindent 8 }}
  volumes:
    {{- include "spreadmesh.serverVolumes" (merge (dict "tlsSecret" .root.Values.tls.existingSecrets.client) $me) | nindent 4 }}
{{- end -}}

{{- define "spreadmesh.probeCommand" -}}
command: [/opt/spreadmesh/bin/python, -m, mesh.probe]
args: [{{ .address | quote }}, {{ .service }}]
{{- end -}}

{{- define "spreadmesh.scanCommand" -}}
args: [scan, {{ .Values.tests.symbol | quote }}, --limit, "3", --min-coverage, "0.1"]
env:
  - name: SPREADMESH_SCAN
    value: dns:///{{ include "spreadmesh.componentName" (dict "root" . "component" "scanner") }}{{ if not (or .Values.mesh.istio.enabled .Values.mesh.linkerd.enabled) }}-headless{{ end }}:7402
  - {name: SPREADMESH_STATE_DIR, value: /tmp/spreadmesh}
  {{- if .Values.access.testApiKey.existingSecret }}
  - {name: SPREADMESH_API_KEY_FILE, value: /etc/spreadmesh/key/api-key}
  {{- end }}
  {{- if .Values.tls.enabled }}
  {{- range $name, $value := include "spreadmesh.clientTls" . | fromYaml }}
  - {name: {{ $name }}, value: {{ $value }}}
  {{- end }}
  {{- end }}
{{- end -}}
