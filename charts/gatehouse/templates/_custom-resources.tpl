{{- /* One object: dict "root" $ "kind" … "entry" { name, namespace, spec } "scope" "Cluster" or "Namespaced" */ -}}
{{- define "gatehouse.customResource" -}}
apiVersion: access.gatehouse.dev/v1alpha1
kind: {{ .kind }}
metadata:
  name: {{ .entry.name }}
  {{- if eq .scope "Namespaced" }}
  namespace: {{ default .root.Release.Namespace .entry.namespace }}
  {{- end }}
  labels: {{- include "gatehouse.labels" .root | nindent 4 }}
spec: {{- toYaml .entry.spec | nindent 2 }}
{{- end -}}
