"""The published weights that no wheel brings: which file, what it hashes to, where it is, under which licence.

A hash that is empty, or only begun, could not be seen by us; whoever adds the file says what it must be.
"""

from heterophony.encoders.checkpoint import Checkpoint

# name -> what was published; several encoders may share one
CHECKPOINTS: dict[str, Checkpoint] = {
    "beats": Checkpoint(
        file="BEATs_iter3_plus_AS2M_finetuned_on_AS2M_cpt1.pt",
        sha256="",
        source="https://github.com/microsoft/unilm/tree/master/beats",
        licence="MIT",
    ),
    "clap": Checkpoint(
        file="model.safetensors",
        sha256="3f648de6d030e17494be455d323b8d191233fbae0c7ce0ba745fd21a926a63a6",
        source="https://huggingface.co/laion/clap-htsat-fused, or 630k-audioset-fusion-best.pt of "
        "https://huggingface.co/lukewys/laion_clap",
        licence="Apache-2.0 (of LAION's own file: CC0-1.0)",
        hub="laion/clap-htsat-fused",
        revision="365dea6ef167def6676140ed93bbc43f84dabb28",
    ),
    "clap-tokenizer": Checkpoint(
        file="tokenizer.json",
        sha256="77ef92283d67f0d97e1454909a964afcbfa2019f0fb9f18f8e88d5c25c3ba729",
        source="https://huggingface.co/laion/clap-htsat-unfused",
        licence="Apache-2.0",
        hub="laion/clap-htsat-unfused",
        revision="8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a",
    ),
    "clap-unfused": Checkpoint(
        file="pytorch_model.bin",
        sha256="1cd3c601bc4afe0fa87be3de4c13dd2cfadd249fac1e29acf74a9b296c3219bb",
        source="https://huggingface.co/laion/clap-htsat-unfused, or 630k-audioset-best.pt of "
        "https://huggingface.co/lukewys/laion_clap",
        licence="Apache-2.0 (of LAION's own file: CC0-1.0)",
        hub="laion/clap-htsat-unfused",
        revision="8fa0f1c6d0433df6e97c127f64b2a1d6c0dcda8a",
    ),
    "clap-unfused-words": Checkpoint(
        file="text_model.onnx",
        sha256="",
        source="https://huggingface.co/Xenova/clap-htsat-unfused, folder onnx; needed only where 'clap-unfused' is "
        "an ONNX graph too",
        licence="Apache-2.0",
    ),
    "clap-words": Checkpoint(
        file="text_model.onnx",
        sha256="",
        source="an ONNX graph of the words branch; needed only where 'clap' is an ONNX graph too",
        licence="Apache-2.0",
    ),
    "convnext-tiny-audioset": Checkpoint(
        file="convnext_tiny_465mAP_BL_AC_70kit.pth",
        sha256="",
        source="https://zenodo.org/records/8020843",
        licence="MIT (that of its repository)",
    ),
    "densenet161-places365": Checkpoint(
        file="densenet161_places365.pth.tar",
        sha256="",
        source="http://places2.csail.mit.edu/models_places365/densenet161_places365.pth.tar",
        licence="CC BY",
    ),
    "efficientat-mn04": Checkpoint(
        file="mn04_as_mAP_432.pt",
        sha256="899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c",
        source="https://github.com/fschmid56/EfficientAT/releases",
        licence="MIT",
    ),
    "efficientat-mn10": Checkpoint(
        file="mn10_as_mAP_471.pt",
        sha256="",
        source="https://github.com/fschmid56/EfficientAT/releases",
        licence="MIT",
    ),
    "fcnn": Checkpoint(
        file="fcnn.safetensors",
        sha256="",
        source="a training run of your own",
        licence="yours",
    ),
    "fcnn-small": Checkpoint(
        file="fcnn-small.safetensors",
        sha256="",
        source="a training run of your own",
        licence="yours",
    ),
    "matpac": Checkpoint(
        file="matpac_10_2048.pt",
        sha256="",
        source="https://github.com/aurianworld/matpac/releases/download/Initial_release/matpac_10_2048.pt",
        licence="none stated",
    ),
    "openl3-env": Checkpoint(
        file="openl3_audio_mel256_env.h5",
        sha256="",
        source="https://github.com/marl/openl3/raw/models/openl3_audio_mel256_env-v0_4_0.h5.gz, unpacked",
        licence="MIT (that of its repository)",
    ),
    "openl3-music": Checkpoint(
        file="openl3_audio_mel256_music.h5",
        sha256="",
        source="https://github.com/marl/openl3/raw/models/openl3_audio_mel256_music-v0_4_0.h5.gz, unpacked",
        licence="MIT (that of its repository)",
    ),
    "resnest50": Checkpoint(
        file="resnest50-528c19ca.pth",
        sha256="528c19ca",
        source="https://github.com/zhanghang1989/ResNeSt/releases/download/weights_step1/resnest50-528c19ca.pth",
        licence="Apache-2.0",
    ),
    "resnet50-places365": Checkpoint(
        file="resnet50_places365.pth.tar",
        sha256="46529c86902bd0cfb0ea562a30b2850c28d2620d96282b3db9c318e1d774f6c5",
        source="http://places2.csail.mit.edu/models_places365/resnet50_places365.pth.tar",
        licence="CC BY",
    ),
    "se-conv": Checkpoint(
        file="se-conv.safetensors",
        sha256="",
        source="a training run of your own",
        licence="yours",
    ),
    "vgg16-bigru": Checkpoint(
        file="vgg16-bigru.safetensors",
        sha256="",
        source="a training run of your own; or, as a start for one, VGG-16's convolutions alone: vgg16-397923af.pth of "
        "https://download.pytorch.org/models/, or Keras' HDF5 without top (ImageNet, Places365)",
        licence="yours (of torchvision's: BSD-3-Clause)",
    ),
    "vgg19": Checkpoint(
        file="vgg19-dcbb9e9d.pth",
        sha256="dcbb9e9d",
        source="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        licence="BSD-3-Clause",
    ),
    "vggish": Checkpoint(
        file="vggish-10086976.pth",
        sha256="10086976",
        source="https://github.com/harritaylor/torchvggish/releases/tag/v0.1",
        licence="Apache-2.0",
    ),
    "whisper-base": Checkpoint(
        file="model.safetensors",
        sha256="",
        source="https://huggingface.co/openai/whisper-base",
        licence="Apache-2.0",
        hub="openai/whisper-base",
        revision="e37978b90ca9030d5170a5c07aadb050351a65bb",
    ),
}
