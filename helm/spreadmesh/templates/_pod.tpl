{{/* What all pods share. "values" are those of the component. */}}

{{/* Passes the `restricted` pod security standard; `user` is that of the image. */}}
{{- define "spreadmesh.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "spreadmesh.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ .readOnly }}
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "spreadmesh.podMetadata" -}}
labels:
  {{- include "spreadmesh.selectorLabels" . | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := merge (dict) (default (dict) .checksums) .values.podAnnotations }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "spreadmesh.scheduling" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Alive is the process; ready is the service, so that no login and no feed ever restarts a pod. */}}
{{- define "spreadmesh.probes" -}}
startupProbe:
  grpc: {port: {{ .port }}, service: ""}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  grpc: {port: {{ .port }}, service: ""}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  grpc: {port: {{ .port }}, service: {{ .service }}}
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}

{{/* Spans and metrics that go to a collector tell which pod they are of. */}}
{{- define "spreadmesh.identityEnv" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name=$(POD_NAMESPACE),k8s.pod.name=$(POD_NAME),service.instance.id=$(POD_NAME)
{{- end -}}

{{/* Folders, not single files: only those follow a Secret that is renewed. */}}
{{- define "spreadmesh.serverMounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .root.Values.tls.enabled }}
- {name: tls, mountPath: /etc/spreadmesh/tls, readOnly: true}
{{- end }}
{{- if include "spreadmesh.accessSources" . }}
- {name: access, mountPath: /etc/spreadmesh/access, readOnly: true}
{{- end }}
{{- if dig "existingSecret" "" (default dict .apiKey) }}
- {name: key, mountPath: /etc/spreadmesh/key, readOnly: true}
{{- end }}
{{- with .values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "spreadmesh.serverVolumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret:
    secretName: {{ .tlsSecret }}
    defaultMode: 0440
{{- end }}
{{- with include "spreadmesh.accessSources" . }}
- name: access
  projected:
    defaultMode: 0440
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- with .apiKey }}
{{- if .existingSecret }}
- name: key
  secret:
    secretName: {{ .existingSecret }}
    items: [{key: {{ .key }}, path: api-key}]
    defaultMode: 0440
{{- end }}
{{- end }}
{{- with .values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Files of callers: of servers only ("serves"), and identities only where certificates are asked for. */}}
{{- define "spreadmesh.accessSources" -}}
{{- if .serves }}
{{- with .root.Values.access.apiKeys }}
{{- if .existingSecret }}
- secret: {name: {{ .existingSecret }}, items: [{key: {{ .key }}, path: keys}]}
{{- end }}
{{- end }}
{{- if include "spreadmesh.knowsCertificates" .root }}
{{- with .root.Values.access.identities }}
- secret: {name: {{ .existingSecret }}, items: [{key: {{ .key }}, path: identities}]}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "spreadmesh.knowsCertificates" -}}
{{- if and .Values.tls.enabled .Values.tls.requireClientCertificates .Values.access.identities.existingSecret -}}
true
{{- end -}}
{{- end -}}
