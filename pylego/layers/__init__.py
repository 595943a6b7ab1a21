"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy

if TYPE_CHECKING:
    from pylego.layers.activation import Activation as Activation
    from pylego.layers.alpha_dropout import AlphaDropout as AlphaDropout
    from pylego.layers.average_pooling import (
        AveragePooling1D as AveragePooling1D,
        AveragePooling2D as AveragePooling2D,
        AveragePooling3D as AveragePooling3D,
        AvgPool1D as AvgPool1D,
        AvgPool2D as AvgPool2D,
        AvgPool3D as AvgPool3D,
    )
    from pylego.layers.batch_normalization import BatchNormalization as BatchNormalization
    from pylego.layers.center_crop import CenterCrop as CenterCrop
    from pylego.layers.convolution import (
        Conv1D as Conv1D,
        Conv2D as Conv2D,
        Conv3D as Conv3D,
        Convolution1D as Convolution1D,
        Convolution2D as Convolution2D,
        Convolution3D as Convolution3D,
    )
    from pylego.layers.cropping import (
        Cropping1D as Cropping1D,
        Cropping2D as Cropping2D,
        Cropping3D as Cropping3D,
    )
    from pylego.layers.dense import Dense as Dense
    from pylego.layers.depthwise_convolution import (
        DepthwiseConv1D as DepthwiseConv1D,
        DepthwiseConv2D as DepthwiseConv2D,
    )
    from pylego.layers.dropout import Dropout as Dropout
    from pylego.layers.elu import ELU as ELU
    from pylego.layers.flatten import Flatten as Flatten
    from pylego.layers.gaussian_dropout import GaussianDropout as GaussianDropout
    from pylego.layers.gaussian_noise import GaussianNoise as GaussianNoise
    from pylego.layers.global_average_pooling import (
        GlobalAveragePooling1D as GlobalAveragePooling1D,
        GlobalAveragePooling2D as GlobalAveragePooling2D,
        GlobalAveragePooling3D as GlobalAveragePooling3D,
        GlobalAvgPool1D as GlobalAvgPool1D,
        GlobalAvgPool2D as GlobalAvgPool2D,
        GlobalAvgPool3D as GlobalAvgPool3D,
    )
    from pylego.layers.global_max_pooling import (
        GlobalMaxPool1D as GlobalMaxPool1D,
        GlobalMaxPool2D as GlobalMaxPool2D,
        GlobalMaxPool3D as GlobalMaxPool3D,
        GlobalMaxPooling1D as GlobalMaxPooling1D,
        GlobalMaxPooling2D as GlobalMaxPooling2D,
        GlobalMaxPooling3D as GlobalMaxPooling3D,
    )
    from pylego.layers.group_normalization import GroupNormalization as GroupNormalization
    from pylego.layers.identity import Identity as Identity
    from pylego.layers.input_layer import (
        Input as Input,
        InputLayer as InputLayer,
    )
    from pylego.layers.input_spec import InputSpec as InputSpec
    from pylego.layers.layer import Layer as Layer
    from pylego.layers.layer_normalization import LayerNormalization as LayerNormalization
    from pylego.layers.leaky_relu import LeakyReLU as LeakyReLU
    from pylego.layers.max_pooling import (
        MaxPool1D as MaxPool1D,
        MaxPool2D as MaxPool2D,
        MaxPool3D as MaxPool3D,
        MaxPooling1D as MaxPooling1D,
        MaxPooling2D as MaxPooling2D,
        MaxPooling3D as MaxPooling3D,
    )
    from pylego.layers.permute import Permute as Permute
    from pylego.layers.prelu import PReLU as PReLU
    from pylego.layers.random_brightness import RandomBrightness as RandomBrightness
    from pylego.layers.random_contrast import RandomContrast as RandomContrast
    from pylego.layers.random_crop import RandomCrop as RandomCrop
    from pylego.layers.random_flip import RandomFlip as RandomFlip
    from pylego.layers.random_rotation import RandomRotation as RandomRotation
    from pylego.layers.random_translation import RandomTranslation as RandomTranslation
    from pylego.layers.random_zoom import RandomZoom as RandomZoom
    from pylego.layers.relu import ReLU as ReLU
    from pylego.layers.repeat_vector import RepeatVector as RepeatVector
    from pylego.layers.rescaling import Rescaling as Rescaling
    from pylego.layers.reshape import Reshape as Reshape
    from pylego.layers.resizing import Resizing as Resizing
    from pylego.layers.rms_normalization import RMSNormalization as RMSNormalization
    from pylego.layers.separable_convolution import (
        SeparableConv1D as SeparableConv1D,
        SeparableConv2D as SeparableConv2D,
        SeparableConvolution1D as SeparableConvolution1D,
        SeparableConvolution2D as SeparableConvolution2D,
    )
    from pylego.layers.softmax import Softmax as Softmax
    from pylego.layers.spatial_dropout import (
        SpatialDropout1D as SpatialDropout1D,
        SpatialDropout2D as SpatialDropout2D,
        SpatialDropout3D as SpatialDropout3D,
    )
    from pylego.layers.transposed_convolution import (
        Conv1DTranspose as Conv1DTranspose,
        Conv2DTranspose as Conv2DTranspose,
        Conv3DTranspose as Conv3DTranspose,
        Convolution1DTranspose as Convolution1DTranspose,
        Convolution2DTranspose as Convolution2DTranspose,
        Convolution3DTranspose as Convolution3DTranspose,
    )
    from pylego.layers.unit_normalization import UnitNormalization as UnitNormalization
    from pylego.layers.up_sampling import (
        UpSampling1D as UpSampling1D,
        UpSampling2D as UpSampling2D,
        UpSampling3D as UpSampling3D,
    )
    from pylego.layers.zero_padding import (
        ZeroPadding1D as ZeroPadding1D,
        ZeroPadding2D as ZeroPadding2D,
        ZeroPadding3D as ZeroPadding3D,
    )
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {
            "Activation": ".activation",
            "AlphaDropout": ".alpha_dropout",
            "AveragePooling1D": ".average_pooling",
            "AveragePooling2D": ".average_pooling",
            "AveragePooling3D": ".average_pooling",
            "AvgPool1D": ".average_pooling",
            "AvgPool2D": ".average_pooling",
            "AvgPool3D": ".average_pooling",
            "BatchNormalization": ".batch_normalization",
            "CenterCrop": ".center_crop",
            "Conv1D": ".convolution",
            "Conv1DTranspose": ".transposed_convolution",
            "Conv2D": ".convolution",
            "Conv2DTranspose": ".transposed_convolution",
            "Conv3D": ".convolution",
            "Conv3DTranspose": ".transposed_convolution",
            "Convolution1D": ".convolution",
            "Convolution1DTranspose": ".transposed_convolution",
            "Convolution2D": ".convolution",
            "Convolution2DTranspose": ".transposed_convolution",
            "Convolution3D": ".convolution",
            "Convolution3DTranspose": ".transposed_convolution",
            "Cropping1D": ".cropping",
            "Cropping2D": ".cropping",
            "Cropping3D": ".cropping",
            "Dense": ".dense",
            "DepthwiseConv1D": ".depthwise_convolution",
            "DepthwiseConv2D": ".depthwise_convolution",
            "Dropout": ".dropout",
            "ELU": ".elu",
            "Flatten": ".flatten",
            "GaussianDropout": ".gaussian_dropout",
            "GaussianNoise": ".gaussian_noise",
            "GlobalAveragePooling1D": ".global_average_pooling",
            "GlobalAveragePooling2D": ".global_average_pooling",
            "GlobalAveragePooling3D": ".global_average_pooling",
            "GlobalAvgPool1D": ".global_average_pooling",
            "GlobalAvgPool2D": ".global_average_pooling",
            "GlobalAvgPool3D": ".global_average_pooling",
            "GlobalMaxPool1D": ".global_max_pooling",
            "GlobalMaxPool2D": ".global_max_pooling",
            "GlobalMaxPool3D": ".global_max_pooling",
            "GlobalMaxPooling1D": ".global_max_pooling",
            "GlobalMaxPooling2D": ".global_max_pooling",
            "GlobalMaxPooling3D": ".global_max_pooling",
            "GroupNormalization": ".group_normalization",
            "Identity": ".identity",
            "Input": ".input_layer",
            "InputLayer": ".input_layer",
            "InputSpec": ".input_spec",
            "Layer": ".layer",
            "LayerNormalization": ".layer_normalization",
            "LeakyReLU": ".leaky_relu",
            "MaxPool1D": ".max_pooling",
            "MaxPool2D": ".max_pooling",
            "MaxPool3D": ".max_pooling",
            "MaxPooling1D": ".max_pooling",
            "MaxPooling2D": ".max_pooling",
            "MaxPooling3D": ".max_pooling",
            "PReLU": ".prelu",
            "Permute": ".permute",
            "RMSNormalization": ".rms_normalization",
            "RandomBrightness": ".random_brightness",
            "RandomContrast": ".random_contrast",
            "RandomCrop": ".random_crop",
            "RandomFlip": ".random_flip",
            "RandomRotation": ".random_rotation",
            "RandomTranslation": ".random_translation",
            "RandomZoom": ".random_zoom",
            "ReLU": ".relu",
            "RepeatVector": ".repeat_vector",
            "Rescaling": ".rescaling",
            "Reshape": ".reshape",
            "Resizing": ".resizing",
            "SeparableConv1D": ".separable_convolution",
            "SeparableConv2D": ".separable_convolution",
            "SeparableConvolution1D": ".separable_convolution",
            "SeparableConvolution2D": ".separable_convolution",
            "Softmax": ".softmax",
            "SpatialDropout1D": ".spatial_dropout",
            "SpatialDropout2D": ".spatial_dropout",
            "SpatialDropout3D": ".spatial_dropout",
            "UnitNormalization": ".unit_normalization",
            "UpSampling1D": ".up_sampling",
            "UpSampling2D": ".up_sampling",
            "UpSampling3D": ".up_sampling",
            "ZeroPadding1D": ".zero_padding",
            "ZeroPadding2D": ".zero_padding",
            "ZeroPadding3D": ".zero_padding",
        },
    )
