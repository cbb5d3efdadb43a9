{{- /* Labels and annotations of what brings the kinds up to date: dict "root" $ "weight" "0" */ -}}
{{- define "gatehouse.crdUpgradeMetadata" -}}
labels:
  {{- include "gatehouse.commonLabels" .root | nindent 2 }}
  app.kubernetes.io/component: crd-upgrade
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{- /* "true" if the API server has not got the kinds as this chart has them, or cannot be asked. */ -}}
{{- define "gatehouse.crdsDiffer" -}}
{{- $differ := "" -}}
{{- range $path, $_ := .Files.Glob "crds/*.yaml" -}}
{{- $crd := $.Files.Get $path | fromYaml -}}
{{- $live := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" $crd.metadata.name -}}
{{- if not (and $live (eq (toJson $live.spec.versions) (toJson $crd.spec.versions))) -}}{{- $differ = "true" -}}{{- end -}}
{{- end -}}
{{- $differ -}}
{{- end -}}
