{{- define "spreadmesh.istioPrincipal" -}}
{{- printf "%s/ns/%s/sa/%s" .root.Values.mesh.istio.trustDomain .root.Release.Namespace (include "spreadmesh.componentName" .) -}}
{{- end -}}
