// Field names and types of the kinds that templates use, one line per type: Kubernetes 1.37, from
// its OpenAPI document as the PyPI package kubernetes 37.0.2 carries it. Facts only; the notation
// is ours and stands in kubernetes_schema.hpp.
#include "deploy/kubernetes_schema.hpp"

namespace marvel::deploy {

std::string_view kubernetes_table() {
  return R"(
Pod v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=PodSpec status=*
Service v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=ServiceSpec status=*
ConfigMap v1: apiVersion!=s binaryData={s} data={s} immutable=b kind!=s metadata!=ObjectMeta
Secret v1: apiVersion!=s data={s} immutable=b kind!=s metadata!=ObjectMeta stringData={s} type=s
PersistentVolumeClaim v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=PersistentVolumeClaimSpec status=*
PersistentVolume v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=PersistentVolumeSpec status=*
ServiceAccount v1: apiVersion!=s automountServiceAccountToken=b imagePullSecrets=[LocalObjectReference] kind!=s metadata!=ObjectMeta secrets=[ObjectReference]
Namespace v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=NamespaceSpec status=*
LimitRange v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=LimitRangeSpec
ResourceQuota v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=ResourceQuotaSpec status=*
Endpoints v1: apiVersion!=s kind!=s metadata!=ObjectMeta subsets=[EndpointSubset]
ReplicationController v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=ReplicationControllerSpec status=*
Deployment apps/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec!=DeploymentSpec status=*
StatefulSet apps/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec!=StatefulSetSpec status=*
DaemonSet apps/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec!=DaemonSetSpec status=*
ReplicaSet apps/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec!=ReplicaSetSpec status=*
Job batch/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=JobSpec status=*
CronJob batch/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec!=CronJobSpec status=*
Ingress networking.k8s.io/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=IngressSpec status=*
IngressClass networking.k8s.io/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=IngressClassSpec
NetworkPolicy networking.k8s.io/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=NetworkPolicySpec
Role rbac.authorization.k8s.io/v1: apiVersion!=s kind!=s metadata!=ObjectMeta rules=[PolicyRule]
RoleBinding rbac.authorization.k8s.io/v1: apiVersion!=s kind!=s metadata!=ObjectMeta roleRef!=RoleRef subjects=[RbacV1Subject]
ClusterRole rbac.authorization.k8s.io/v1: aggregationRule=AggregationRule apiVersion!=s kind!=s metadata!=ObjectMeta rules=[PolicyRule]
ClusterRoleBinding rbac.authorization.k8s.io/v1: apiVersion!=s kind!=s metadata!=ObjectMeta roleRef!=RoleRef subjects=[RbacV1Subject]
PodDisruptionBudget policy/v1: apiVersion!=s kind!=s metadata!=ObjectMeta spec=PodDisruptionBudgetSpec status=*
StorageClass storage.k8s.io/v1: allowVolumeExpansion=b allowedTopologies=[TopologySelectorTerm] apiVersion!=s kind!=s metadata!=ObjectMeta mountOptions=[s] parameters={s} provisioner!=s reclaimPolicy=s volumeBindingMode=s
PriorityClass scheduling.k8s.io/v1: apiVersion!=s description=s globalDefault=b kind!=s metadata!=ObjectMeta preemptionPolicy=s value=i
HorizontalPodAutoscaler autoscaling/v2: apiVersion!=s kind!=s metadata!=ObjectMeta spec!=HorizontalPodAutoscalerSpec status=*
AWSElasticBlockStoreVolumeSource: fsType=s partition=i readOnly=b volumeID!=s
Affinity: nodeAffinity=NodeAffinity podAffinity=PodAffinity podAntiAffinity=PodAntiAffinity
AggregationRule: clusterRoleSelectors=[LabelSelector]
AppArmorProfile: localhostProfile=s type!=s
AzureDiskVolumeSource: cachingMode=s diskName!=s diskURI!=s fsType=s kind=s readOnly=b
AzureFilePersistentVolumeSource: readOnly=b secretName!=s secretNamespace=s shareName!=s
AzureFileVolumeSource: readOnly=b secretName!=s shareName!=s
CSIPersistentVolumeSource: controllerExpandSecretRef=SecretReference controllerPublishSecretRef=SecretReference driver!=s fsType=s nodeExpandSecretRef=SecretReference nodePublishSecretRef=SecretReference nodeStageSecretRef=SecretReference readOnly=b volumeAttributes={s} volumeHandle!=s
CSIVolumeSource: driver!=s fsType=s nodePublishSecretRef=LocalObjectReference readOnly=b volumeAttributes={s}
Capabilities: add=[s] drop=[s]
CephFSPersistentVolumeSource: monitors!=[s] path=s readOnly=b secretFile=s secretRef=SecretReference user=s
CephFSVolumeSource: monitors!=[s] path=s readOnly=b secretFile=s secretRef=LocalObjectReference user=s
CinderPersistentVolumeSource: fsType=s readOnly=b secretRef=SecretReference volumeID!=s
CinderVolumeSource: fsType=s readOnly=b secretRef=LocalObjectReference volumeID!=s
ClientIPConfig: timeoutSeconds=i
ClusterTrustBundleProjection: labelSelector=LabelSelector name=s optional=b path!=s signerName=s user=i
ConfigMapEnvSource: name=s optional=b
ConfigMapKeySelector: key!=s name=s optional=b
ConfigMapProjection: items=[KeyToPath] name=s optional=b
ConfigMapVolumeSource: defaultMode=i defaultUser=i items=[KeyToPath] name=s optional=b
Container: args=[s] command=[s] env=[EnvVar] envFrom=[EnvFromSource] image=s imagePullPolicy=s lifecycle=Lifecycle livenessProbe=Probe name!=s ports=[ContainerPort] readinessProbe=Probe resizePolicy=[ContainerResizePolicy] resources=ResourceRequirements restartPolicy=s restartPolicyRules=[ContainerRestartRule] securityContext=SecurityContext startupProbe=Probe stdin=b stdinOnce=b terminationMessagePath=s terminationMessagePolicy=s tty=b volumeDevices=[VolumeDevice] volumeMounts=[VolumeMount] workingDir=s
ContainerPort: containerPort!=i hostIP=s hostPort=i name=s protocol=s
ContainerResizePolicy: resourceName!=s restartPolicy!=s
ContainerResourceMetricSource: container!=s name!=s target!=MetricTarget
ContainerRestartRule: action!=s exitCodes=ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes: operator!=s values=[i]
CoreV1EndpointPort: appProtocol=s name=s port!=i protocol=s
CoreV1ResourceClaim: name!=s request=s
CronJobSpec: concurrencyPolicy=s failedJobsHistoryLimit=i jobTemplate!=JobTemplateSpec schedule!=s startingDeadlineSeconds=i successfulJobsHistoryLimit=i suspend=b timeZone=s
CrossVersionObjectReference: apiVersion=s kind!=s name!=s
DaemonSetSpec: minReadySeconds=i revisionHistoryLimit=i selector!=LabelSelector template!=PodTemplateSpec updateStrategy=DaemonSetUpdateStrategy
DaemonSetUpdateStrategy: rollingUpdate=RollingUpdateDaemonSet type=s
DeploymentSpec: minReadySeconds=i paused=b progressDeadlineSeconds=i replicas=i revisionHistoryLimit=i selector!=LabelSelector strategy=DeploymentStrategy template!=PodTemplateSpec
DeploymentStrategy: rollingUpdate=RollingUpdateDeployment type=s
DownwardAPIProjection: items=[DownwardAPIVolumeFile]
DownwardAPIVolumeFile: fieldRef=ObjectFieldSelector mode=i path!=s resourceFieldRef=ResourceFieldSelector user=i
DownwardAPIVolumeSource: defaultMode=i defaultUser=i items=[DownwardAPIVolumeFile]
EmptyDirVolumeSource: medium=s mode=i sizeLimit=q
EndpointAddress: hostname=s ip!=s nodeName=s targetRef=ObjectReference
EndpointSubset: addresses=[EndpointAddress] notReadyAddresses=[EndpointAddress] ports=[CoreV1EndpointPort]
EnvFromSource: configMapRef=ConfigMapEnvSource prefix=s secretRef=SecretEnvSource
EnvVar: name!=s value=s valueFrom=EnvVarSource
EnvVarSource: configMapKeyRef=ConfigMapKeySelector fieldRef=ObjectFieldSelector fileKeyRef=FileKeySelector resourceFieldRef=ResourceFieldSelector secretKeyRef=SecretKeySelector
EphemeralContainer: args=[s] command=[s] env=[EnvVar] envFrom=[EnvFromSource] image=s imagePullPolicy=s lifecycle=Lifecycle livenessProbe=Probe name!=s ports=[ContainerPort] readinessProbe=Probe resizePolicy=[ContainerResizePolicy] resources=ResourceRequirements restartPolicy=s restartPolicyRules=[ContainerRestartRule] securityContext=SecurityContext startupProbe=Probe stdin=b stdinOnce=b targetContainerName=s terminationMessagePath=s terminationMessagePolicy=s tty=b volumeDevices=[VolumeDevice] volumeMounts=[VolumeMount] workingDir=s
EphemeralVolumeSource: volumeClaimTemplate=PersistentVolumeClaimTemplate
EvictionResponder: name!=s priority!=i
ExecAction: command=[s]
ExternalMetricSource: metric!=MetricIdentifier target!=MetricTarget
FCVolumeSource: fsType=s lun=i readOnly=b targetWWNs=[s] wwids=[s]
FileKeySelector: key!=s optional=b path!=s volumeName!=s
FlexPersistentVolumeSource: driver!=s fsType=s options={s} readOnly=b secretRef=SecretReference
FlexVolumeSource: driver!=s fsType=s options={s} readOnly=b secretRef=LocalObjectReference
FlockerVolumeSource: datasetName=s datasetUUID=s
GCEPersistentDiskVolumeSource: fsType=s partition=i pdName!=s readOnly=b
GRPCAction: mode=s port!=i service=s
GitRepoVolumeSource: directory=s repository!=s revision=s
GlusterfsPersistentVolumeSource: endpoints!=s endpointsNamespace=s path!=s readOnly=b
GlusterfsVolumeSource: endpoints!=s path!=s readOnly=b
HPAScalingPolicy: periodSeconds!=i type!=s value!=i
HPAScalingRules: policies=[HPAScalingPolicy] selectPolicy=s stabilizationWindowSeconds=i tolerance=q
HTTPGetAction: host=s httpHeaders=[HTTPHeader] path=s port!=p protocol=s scheme=s
HTTPHeader: name!=s value!=s
HTTPIngressPath: backend!=IngressBackend path=s pathType!=s
HTTPIngressRuleValue: paths!=[HTTPIngressPath]
HorizontalPodAutoscalerBehavior: scaleDown=HPAScalingRules scaleUp=HPAScalingRules
HorizontalPodAutoscalerSpec: behavior=HorizontalPodAutoscalerBehavior maxReplicas!=i metrics=[MetricSpec] minReplicas=i scaleTargetRef!=CrossVersionObjectReference
HostAlias: hostnames=[s] ip!=s
HostPathVolumeSource: path!=s type=s
IPBlock: cidr!=s except=[s]
ISCSIPersistentVolumeSource: chapAuthDiscovery=b chapAuthSession=b fsType=s initiatorName=s iqn!=s iscsiInterface=s lun!=i portals=[s] readOnly=b secretRef=SecretReference targetPortal!=s
ISCSIVolumeSource: chapAuthDiscovery=b chapAuthSession=b fsType=s initiatorName=s iqn!=s iscsiInterface=s lun!=i portals=[s] readOnly=b secretRef=LocalObjectReference targetPortal!=s
ImageVolumeSource: pullPolicy=s reference=s
IngressBackend: resource=TypedLocalObjectReference service=IngressServiceBackend
IngressClassParametersReference: apiGroup=s kind!=s name!=s namespace=s scope=s
IngressClassSpec: controller=s parameters=IngressClassParametersReference
IngressRule: host=s http=HTTPIngressRuleValue
IngressServiceBackend: name!=s port=ServiceBackendPort
IngressSpec: defaultBackend=IngressBackend ingressClassName=s rules=[IngressRule] tls=[IngressTLS]
IngressTLS: hosts=[s] secretName=s
JobSchedulingConfiguration: disruptionMode=WorkloadPodGroupDisruptionMode resourceClaims=[WorkloadPodGroupResourceClaim] schedulingConstraints=WorkloadPodGroupSchedulingConstraints schedulingPolicy=WorkloadPodGroupSchedulingPolicy
JobSpec: activeDeadlineSeconds=i backoffLimit=i backoffLimitPerIndex=i completionMode=s completions=i managedBy=s manualSelector=b maxFailedIndexes=i parallelism=i podFailurePolicy=PodFailurePolicy podReplacementPolicy=s scheduling=JobSchedulingConfiguration selector=LabelSelector successPolicy=SuccessPolicy suspend=b template!=PodTemplateSpec ttlSecondsAfterFinished=i
JobTemplateSpec: metadata=ObjectMeta spec=JobSpec
KeyToPath: key!=s mode=i path!=s user=i
LabelSelector: matchExpressions=[LabelSelectorRequirement] matchLabels={s}
LabelSelectorRequirement: key!=s operator!=s values=[s]
Lifecycle: postStart=LifecycleHandler preStop=LifecycleHandler stopSignal=s
LifecycleHandler: exec=ExecAction httpGet=HTTPGetAction sleep=SleepAction tcpSocket=TCPSocketAction
LimitRangeItem: default={q} defaultRequest={q} max={q} maxLimitRequestRatio={q} min={q} type!=s
LimitRangeSpec: limits!=[LimitRangeItem]
LocalObjectReference: name=s
LocalVolumeSource: fsType=s path!=s
MetricIdentifier: name!=s selector=LabelSelector
MetricSpec: containerResource=ContainerResourceMetricSource external=ExternalMetricSource object=ObjectMetricSource pods=PodsMetricSource resource=ResourceMetricSource type!=s
MetricTarget: averageUtilization=i averageValue=q type!=s value=q
NFSVolumeSource: path!=s readOnly=b server!=s
NamespaceSpec: finalizers=[s]
NetworkPolicyEgressRule: ports=[NetworkPolicyPort] to=[NetworkPolicyPeer]
NetworkPolicyIngressRule: from=[NetworkPolicyPeer] ports=[NetworkPolicyPort]
NetworkPolicyPeer: ipBlock=IPBlock namespaceSelector=LabelSelector podSelector=LabelSelector
NetworkPolicyPort: endPort=i port=p protocol=s
NetworkPolicySpec: egress=[NetworkPolicyEgressRule] ingress=[NetworkPolicyIngressRule] podSelector=LabelSelector policyTypes=[s]
NodeAffinity: preferredDuringSchedulingIgnoredDuringExecution=[PreferredSchedulingTerm] requiredDuringSchedulingIgnoredDuringExecution=NodeSelector
NodeSelector: nodeSelectorTerms!=[NodeSelectorTerm]
NodeSelectorRequirement: key!=s operator!=s values=[s]
NodeSelectorTerm: matchExpressions=[NodeSelectorRequirement] matchFields=[NodeSelectorRequirement]
ObjectFieldSelector: apiVersion=s fieldPath!=s
ObjectMeta: annotations={s} creationTimestamp=s deletionGracePeriodSeconds=i deletionTimestamp=s finalizers=[s] generateName=s generation=i labels={s} name=s namespace=s ownerReferences=[OwnerReference] resourceVersion=s selfLink=s uid=s
ObjectMetricSource: describedObject!=CrossVersionObjectReference metric!=MetricIdentifier target!=MetricTarget
ObjectReference: apiVersion=s fieldPath=s kind=s name=s namespace=s resourceVersion=s uid=s
OwnerReference: apiVersion!=s blockOwnerDeletion=b controller=b kind!=s name!=s uid!=s
PersistentVolumeClaimSpec: accessModes=[s] dataSource=TypedLocalObjectReference dataSourceRef=TypedObjectReference resources=VolumeResourceRequirements selector=LabelSelector storageClassName=s volumeAttributesClassName=s volumeMode=s volumeName=s
PersistentVolumeClaimTemplate: metadata=ObjectMeta spec!=PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource: claimName!=s readOnly=b
PersistentVolumeSpec: accessModes=[s] awsElasticBlockStore=AWSElasticBlockStoreVolumeSource azureDisk=AzureDiskVolumeSource azureFile=AzureFilePersistentVolumeSource capacity={q} cephfs=CephFSPersistentVolumeSource cinder=CinderPersistentVolumeSource claimRef=ObjectReference csi=CSIPersistentVolumeSource fc=FCVolumeSource flexVolume=FlexPersistentVolumeSource flocker=FlockerVolumeSource gcePersistentDisk=GCEPersistentDiskVolumeSource glusterfs=GlusterfsPersistentVolumeSource hostPath=HostPathVolumeSource iscsi=ISCSIPersistentVolumeSource local=LocalVolumeSource mountOptions=[s] nfs=NFSVolumeSource nodeAffinity=VolumeNodeAffinity persistentVolumeReclaimPolicy=s photonPersistentDisk=PhotonPersistentDiskVolumeSource portworxVolume=PortworxVolumeSource quobyte=QuobyteVolumeSource rbd=RBDPersistentVolumeSource scaleIO=ScaleIOPersistentVolumeSource storageClassName=s storageos=StorageOSPersistentVolumeSource volumeAttributesClassName=s volumeMode=s vsphereVolume=VsphereVirtualDiskVolumeSource
PhotonPersistentDiskVolumeSource: fsType=s pdID!=s
PodAffinity: preferredDuringSchedulingIgnoredDuringExecution=[WeightedPodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution=[PodAffinityTerm]
PodAffinityTerm: labelSelector=LabelSelector matchLabelKeys=[s] mismatchLabelKeys=[s] namespaceSelector=LabelSelector namespaces=[s] topologyKey!=s
PodAntiAffinity: preferredDuringSchedulingIgnoredDuringExecution=[WeightedPodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution=[PodAffinityTerm]
PodCertificateProjection: certificateChainPath=s credentialBundlePath=s keyPath=s keyType!=s maxExpirationSeconds=i signerName!=s user=i userAnnotations={s}
PodDNSConfig: nameservers=[s] options=[PodDNSConfigOption] searches=[s]
PodDNSConfigOption: name=s value=s
PodDisruptionBudgetSpec: maxUnavailable=p minAvailable=p selector=LabelSelector unhealthyPodEvictionPolicy=s
PodFailurePolicy: rules!=[PodFailurePolicyRule]
PodFailurePolicyOnExitCodesRequirement: containerName=s operator!=s values!=[i]
PodFailurePolicyOnPodConditionsPattern: status=s type!=s
PodFailurePolicyRule: action!=s onExitCodes=PodFailurePolicyOnExitCodesRequirement onPodConditions=[PodFailurePolicyOnPodConditionsPattern]
PodOS: name!=s
PodReadinessGate: conditionType!=s
PodResourceClaim: name!=s resourceClaimName=s resourceClaimTemplateName=s
PodSchedulingGate: name!=s
PodSchedulingGroup: podGroupName=s
PodSecurityContext: appArmorProfile=AppArmorProfile fsGroup=i fsGroupChangePolicy=s runAsGroup=i runAsNonRoot=b runAsUser=i seLinuxChangePolicy=s seLinuxOptions=SELinuxOptions seccompProfile=SeccompProfile supplementalGroups=[i] supplementalGroupsPolicy=s sysctls=[Sysctl] windowsOptions=WindowsSecurityContextOptions
PodSpec: activeDeadlineSeconds=i affinity=Affinity automountServiceAccountToken=b containers!=[Container] dnsConfig=PodDNSConfig dnsPolicy=s enableServiceLinks=b ephemeralContainers=[EphemeralContainer] evictionResponders=[EvictionResponder] hostAliases=[HostAlias] hostIPC=b hostNetwork=b hostPID=b hostUsers=b hostname=s hostnameOverride=s imagePullSecrets=[LocalObjectReference] initContainers=[Container] nodeName=s nodeSelector={s} os=PodOS overhead={q} preemptionPolicy=s priority=i priorityClassName=s readinessGates=[PodReadinessGate] resourceClaims=[PodResourceClaim] resources=ResourceRequirements restartPolicy=s runtimeClassName=s schedulerName=s schedulingGates=[PodSchedulingGate] schedulingGroup=PodSchedulingGroup securityContext=PodSecurityContext serviceAccount=s serviceAccountName=s setHostnameAsFQDN=b shareProcessNamespace=b subdomain=s terminationGracePeriodSeconds=i tolerations=[Toleration] topologySpreadConstraints=[TopologySpreadConstraint] volumes=[Volume]
PodTemplateSpec: metadata=ObjectMeta spec=PodSpec
PodsMetricSource: metric!=MetricIdentifier target!=MetricTarget
PolicyRule: apiGroups=[s] nonResourceURLs=[s] resourceNames=[s] resources=[s] verbs!=[s]
PortworxVolumeSource: fsType=s readOnly=b volumeID!=s
PreferredSchedulingTerm: preference!=NodeSelectorTerm weight!=i
Probe: exec=ExecAction failureThreshold=i grpc=GRPCAction httpGet=HTTPGetAction initialDelaySeconds=i periodSeconds=i successThreshold=i tcpSocket=TCPSocketAction terminationGracePeriodSeconds=i timeoutSeconds=i
ProjectedVolumeSource: defaultMode=i defaultUser=i sources=[VolumeProjection]
QuobyteVolumeSource: group=s readOnly=b registry!=s tenant=s user=s volume!=s
RBDPersistentVolumeSource: fsType=s image!=s keyring=s monitors!=[s] pool=s readOnly=b secretRef=SecretReference user=s
RBDVolumeSource: fsType=s image!=s keyring=s monitors!=[s] pool=s readOnly=b secretRef=LocalObjectReference user=s
RbacV1Subject: apiGroup=s kind!=s name!=s namespace=s
ReplicaSetSpec: minReadySeconds=i replicas=i selector!=LabelSelector template=PodTemplateSpec
ReplicationControllerSpec: minReadySeconds=i replicas=i selector={s} template=PodTemplateSpec
ResourceFieldSelector: containerName=s divisor=q resource!=s
ResourceMetricSource: name!=s target!=MetricTarget
ResourceQuotaSpec: hard={q} scopeSelector=ScopeSelector scopes=[s]
ResourceRequirements: claims=[CoreV1ResourceClaim] limits={q} requests={q}
RoleRef: apiGroup=s kind!=s name!=s
RollingUpdateDaemonSet: maxSurge=p maxUnavailable=p
RollingUpdateDeployment: maxSurge=p maxUnavailable=p
RollingUpdateStatefulSetStrategy: maxUnavailable=p partition=i
SELinuxOptions: level=s role=s type=s user=s
ScaleIOPersistentVolumeSource: fsType=s gateway!=s protectionDomain=s readOnly=b secretRef!=SecretReference sslEnabled=b storageMode=s storagePool=s system!=s volumeName=s
ScaleIOVolumeSource: fsType=s gateway!=s protectionDomain=s readOnly=b secretRef!=LocalObjectReference sslEnabled=b storageMode=s storagePool=s system!=s volumeName=s
ScopeSelector: matchExpressions=[ScopedResourceSelectorRequirement]
ScopedResourceSelectorRequirement: operator!=s scopeName!=s values=[s]
SeccompProfile: localhostProfile=s type!=s
SecretEnvSource: name=s optional=b
SecretKeySelector: key!=s name=s optional=b
SecretProjection: items=[KeyToPath] name=s optional=b
SecretReference: name=s namespace=s
SecretVolumeSource: defaultMode=i defaultUser=i items=[KeyToPath] optional=b secretName=s
SecurityContext: allowPrivilegeEscalation=b appArmorProfile=AppArmorProfile capabilities=Capabilities privileged=b procMount=s readOnlyRootFilesystem=b runAsGroup=i runAsNonRoot=b runAsUser=i seLinuxOptions=SELinuxOptions seccompProfile=SeccompProfile windowsOptions=WindowsSecurityContextOptions
ServiceAccountTokenProjection: audience=s expirationSeconds=i path!=s user=i
ServiceBackendPort: name=s number=i
ServicePort: appProtocol=s name=s nodePort=i port!=i protocol=s targetPort=p
ServiceSpec: allocateLoadBalancerNodePorts=b clusterIP=s clusterIPs=[s] externalIPs=[s] externalName=s externalTrafficPolicy=s healthCheckNodePort=i internalTrafficPolicy=s ipFamilies=[s] ipFamilyPolicy=s loadBalancerClass=s loadBalancerIP=s loadBalancerSourceRanges=[s] ports=[ServicePort] publishNotReadyAddresses=b selector={s} sessionAffinity=s sessionAffinityConfig=SessionAffinityConfig trafficDistribution=s type=s
SessionAffinityConfig: clientIP=ClientIPConfig
SleepAction: seconds!=i
StatefulSetOrdinals: start=i
StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted=s whenScaled=s
StatefulSetSpec: minReadySeconds=i ordinals=StatefulSetOrdinals persistentVolumeClaimRetentionPolicy=StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy=s replicas=i revisionHistoryLimit=i selector!=LabelSelector serviceName=s template!=PodTemplateSpec updateStrategy=StatefulSetUpdateStrategy volumeClaimTemplates=[PersistentVolumeClaim]
StatefulSetUpdateStrategy: rollingUpdate=RollingUpdateStatefulSetStrategy type=s
StorageOSPersistentVolumeSource: fsType=s readOnly=b secretRef=ObjectReference volumeName=s volumeNamespace=s
StorageOSVolumeSource: fsType=s readOnly=b secretRef=LocalObjectReference volumeName=s volumeNamespace=s
SuccessPolicy: rules!=[SuccessPolicyRule]
SuccessPolicyRule: succeededCount=i succeededIndexes=s
Sysctl: name!=s value!=s
TCPSocketAction: host=s port!=p
Toleration: effect=s key=s operator=s tolerationSeconds=i value=s
TopologyConstraint: key!=s
TopologySelectorLabelRequirement: key!=s values!=[s]
TopologySelectorTerm: matchLabelExpressions=[TopologySelectorLabelRequirement]
TopologySpreadConstraint: labelSelector=LabelSelector matchLabelKeys=[s] maxSkew!=i minDomains=i nodeAffinityPolicy=s nodeTaintsPolicy=s topologyKey!=s whenUnsatisfiable!=s
TypedLocalObjectReference: apiGroup=s kind!=s name!=s
TypedObjectReference: apiGroup=s kind!=s name!=s namespace=s
Volume: awsElasticBlockStore=AWSElasticBlockStoreVolumeSource azureDisk=AzureDiskVolumeSource azureFile=AzureFileVolumeSource cephfs=CephFSVolumeSource cinder=CinderVolumeSource configMap=ConfigMapVolumeSource csi=CSIVolumeSource downwardAPI=DownwardAPIVolumeSource emptyDir=EmptyDirVolumeSource ephemeral=EphemeralVolumeSource fc=FCVolumeSource flexVolume=FlexVolumeSource flocker=FlockerVolumeSource gcePersistentDisk=GCEPersistentDiskVolumeSource gitRepo=GitRepoVolumeSource glusterfs=GlusterfsVolumeSource hostPath=HostPathVolumeSource image=ImageVolumeSource iscsi=ISCSIVolumeSource name!=s nfs=NFSVolumeSource persistentVolumeClaim=PersistentVolumeClaimVolumeSource photonPersistentDisk=PhotonPersistentDiskVolumeSource portworxVolume=PortworxVolumeSource projected=ProjectedVolumeSource quobyte=QuobyteVolumeSource rbd=RBDVolumeSource scaleIO=ScaleIOVolumeSource secret=SecretVolumeSource storageos=StorageOSVolumeSource vsphereVolume=VsphereVirtualDiskVolumeSource
VolumeDevice: devicePath!=s name!=s
VolumeMount: bindMountOptions=[s] mountPath!=s mountPropagation=s name!=s readOnly=b recursiveReadOnly=s subPath=s subPathExpr=s
VolumeNodeAffinity: required=NodeSelector
VolumeProjection: clusterTrustBundle=ClusterTrustBundleProjection configMap=ConfigMapProjection downwardAPI=DownwardAPIProjection podCertificate=PodCertificateProjection secret=SecretProjection serviceAccountToken=ServiceAccountTokenProjection
VolumeResourceRequirements: limits={q} requests={q}
VsphereVirtualDiskVolumeSource: fsType=s storagePolicyID=s storagePolicyName=s volumePath!=s
WeightedPodAffinityTerm: podAffinityTerm!=PodAffinityTerm weight!=i
WindowsSecurityContextOptions: gmsaCredentialSpec=s gmsaCredentialSpecName=s hostProcess=b runAsUserName=s
WorkloadPodGroupDisruptionMode: all=* single=*
WorkloadPodGroupGangSchedulingPolicy: minCount=i
WorkloadPodGroupResourceClaim: name!=s resourceClaimName=s resourceClaimTemplateName=s
WorkloadPodGroupSchedulingConstraints: topology=[TopologyConstraint]
WorkloadPodGroupSchedulingPolicy: basic=* gang=WorkloadPodGroupGangSchedulingPolicy
)";
}

}  // namespace marvel::deploy
