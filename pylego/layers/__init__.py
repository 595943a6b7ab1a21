"""Layers: the bricks that models are stacked of, and `Layer` for bricks of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pylego import lazy

if TYPE_CHECKING:
    from pylego.layers.activations.activation import Activation as Activation
    from pylego.layers.activations.elu import ELU as ELU
    from pylego.layers.activations.leaky_relu import LeakyReLU as LeakyReLU
    from pylego.layers.activations.prelu import PReLU as PReLU
    from pylego.layers.activations.relu import ReLU as ReLU
    from pylego.layers.activations.softmax import Softmax as Softmax
    from pylego.layers.convolutional.convolution import (
        Conv1D as Conv1D,
        Conv2D as Conv2D,
        Conv3D as Conv3D,
        Convolution1D as Convolution1D,
        Convolution2D as Convolution2D,
        Convolution3D as Convolution3D,
    )
    from pylego.layers.convolutional.depthwise_convolution import (
        DepthwiseConv1D as DepthwiseConv1D,
        DepthwiseConv2D as DepthwiseConv2D,
    )
    from pylego.layers.convolutional.separable_convolution import (
        SeparableConv1D as SeparableConv1D,
        SeparableConv2D as SeparableConv2D,
        SeparableConvolution1D as SeparableConvolution1D,
        SeparableConvolution2D as SeparableConvolution2D,
    )
    from pylego.layers.convolutional.transposed_convolution import (
        Conv1DTranspose as Conv1DTranspose,
        Conv2DTranspose as Conv2DTranspose,
        Conv3DTranspose as Conv3DTranspose,
        Convolution1DTranspose as Convolution1DTranspose,
        Convolution2DTranspose as Convolution2DTranspose,
        Convolution3DTranspose as Convolution3DTranspose,
    )
    from pylego.layers.core.dense import Dense as Dense
    from pylego.layers.core.identity import Identity as Identity
    from pylego.layers.core.input_layer import (
        Input as Input,
        InputLayer as InputLayer,
    )
    from pylego.layers.input_spec import InputSpec as InputSpec
    from pylego.layers.layer import Layer as Layer
    from pylego.layers.normalization.batch_normalization import (
        BatchNormalization as BatchNormalization,
    )
    from pylego.layers.normalization.group_normalization import (
        GroupNormalization as GroupNormalization,
    )
    from pylego.layers.normalization.layer_normalization import (
        LayerNormalization as LayerNormalization,
    )
    from pylego.layers.normalization.rms_normalization import RMSNormalization as RMSNormalization
    from pylego.layers.normalization.unit_normalization import (
        UnitNormalization as UnitNormalization,
    )
    from pylego.layers.pooling.average_pooling import (
        AveragePooling1D as AveragePooling1D,
        AveragePooling2D as AveragePooling2D,
        AveragePooling3D as AveragePooling3D,
        AvgPool1D as AvgPool1D,
        AvgPool2D as AvgPool2D,
        AvgPool3D as AvgPool3D,
    )
    from pylego.layers.pooling.global_average_pooling import (
        GlobalAveragePooling1D as GlobalAveragePooling1D,
        GlobalAveragePooling2D as GlobalAveragePooling2D,
        GlobalAveragePooling3D as GlobalAveragePooling3D,
        GlobalAvgPool1D as GlobalAvgPool1D,
        GlobalAvgPool2D as GlobalAvgPool2D,
        GlobalAvgPool3D as GlobalAvgPool3D,
    )
    from pylego.layers.pooling.global_max_pooling import (
        GlobalMaxPool1D as GlobalMaxPool1D,
        GlobalMaxPool2D as GlobalMaxPool2D,
        GlobalMaxPool3D as GlobalMaxPool3D,
        GlobalMaxPooling1D as GlobalMaxPooling1D,
        GlobalMaxPooling2D as GlobalMaxPooling2D,
        GlobalMaxPooling3D as GlobalMaxPooling3D,
    )
    from pylego.layers.pooling.max_pooling import (
        MaxPool1D as MaxPool1D,
        MaxPool2D as MaxPool2D,
        MaxPool3D as MaxPool3D,
        MaxPooling1D as MaxPooling1D,
        MaxPooling2D as MaxPooling2D,
        MaxPooling3D as MaxPooling3D,
    )
    from pylego.layers.preprocessing.center_crop import CenterCrop as CenterCrop
    from pylego.layers.preprocessing.random_brightness import RandomBrightness as RandomBrightness
    from pylego.layers.preprocessing.random_contrast import RandomContrast as RandomContrast
    from pylego.layers.preprocessing.random_crop import RandomCrop as RandomCrop
    from pylego.layers.preprocessing.random_flip import RandomFlip as RandomFlip
    from pylego.layers.preprocessing.random_rotation import RandomRotation as RandomRotation
    from pylego.layers.preprocessing.random_translation import (
        RandomTranslation as RandomTranslation,
    )
    from pylego.layers.preprocessing.random_zoom import RandomZoom as RandomZoom
    from pylego.layers.preprocessing.rescaling import Rescaling as Rescaling
    from pylego.layers.preprocessing.resizing import Resizing as Resizing
    from pylego.layers.regularization.alpha_dropout import AlphaDropout as AlphaDropout
    from pylego.layers.regularization.dropout import Dropout as Dropout
    from pylego.layers.regularization.gaussian_dropout import GaussianDropout as GaussianDropout
    from pylego.layers.regularization.gaussian_noise import GaussianNoise as GaussianNoise
    from pylego.layers.regularization.spatial_dropout import (
        SpatialDropout1D as SpatialDropout1D,
        SpatialDropout2D as SpatialDropout2D,
        SpatialDropout3D as SpatialDropout3D,
    )
    from pylego.layers.reshaping.cropping import (
        Cropping1D as Cropping1D,
        Cropping2D as Cropping2D,
        Cropping3D as Cropping3D,
    )
    from pylego.layers.reshaping.flatten import Flatten as Flatten
    from pylego.layers.reshaping.permute import Permute as Permute
    from pylego.layers.reshaping.repeat_vector import RepeatVector as RepeatVector
    from pylego.layers.reshaping.reshape import Reshape as Reshape
    from pylego.layers.reshaping.up_sampling import (
        UpSampling1D as UpSampling1D,
        UpSampling2D as UpSampling2D,
        UpSampling3D as UpSampling3D,
    )
    from pylego.layers.reshaping.zero_padding import (
        ZeroPadding1D as ZeroPadding1D,
        ZeroPadding2D as ZeroPadding2D,
        ZeroPadding3D as ZeroPadding3D,
    )
else:
    __getattr__, __dir__, __all__ = lazy.public(
        __name__,
        {
            "Activation": ".activations.activation",
            "AlphaDropout": ".regularization.alpha_dropout",
            "AveragePooling1D": ".pooling.average_pooling",
            "AveragePooling2D": ".pooling.average_pooling",
            "AveragePooling3D": ".pooling.average_pooling",
            "AvgPool1D": ".pooling.average_pooling",
            "AvgPool2D": ".pooling.average_pooling",
            "AvgPool3D": ".pooling.average_pooling",
            "BatchNormalization": ".normalization.batch_normalization",
            "CenterCrop": ".preprocessing.center_crop",
            "Conv1D": ".convolutional.convolution",
            "Conv1DTranspose": ".convolutional.transposed_convolution",
            "Conv2D": ".convolutional.convolution",
            "Conv2DTranspose": ".convolutional.transposed_convolution",
            "Conv3D": ".convolutional.convolution",
            "Conv3DTranspose": ".convolutional.transposed_convolution",
            "Convolution1D": ".convolutional.convolution",
            "Convolution1DTranspose": ".convolutional.transposed_convolution",
            "Convolution2D": ".convolutional.convolution",
            "Convolution2DTranspose": ".convolutional.transposed_convolution",
            "Convolution3D": ".convolutional.convolution",
            "Convolution3DTranspose": ".convolutional.transposed_convolution",
            "Cropping1D": ".reshaping.cropping",
            "Cropping2D": ".reshaping.cropping",
            "Cropping3D": ".reshaping.cropping",
            "Dense": ".core.dense",
            "DepthwiseConv1D": ".convolutional.depthwise_convolution",
            "DepthwiseConv2D": ".convolutional.depthwise_convolution",
            "Dropout": ".regularization.dropout",
            "ELU": ".activations.elu",
            "Flatten": ".reshaping.flatten",
            "GaussianDropout": ".regularization.gaussian_dropout",
            "GaussianNoise": ".regularization.gaussian_noise",
            "GlobalAveragePooling1D": ".pooling.global_average_pooling",
            "GlobalAveragePooling2D": ".pooling.global_average_pooling",
            "GlobalAveragePooling3D": ".pooling.global_average_pooling",
            "GlobalAvgPool1D": ".pooling.global_average_pooling",
            "GlobalAvgPool2D": ".pooling.global_average_pooling",
            "GlobalAvgPool3D": ".pooling.global_average_pooling",
            "GlobalMaxPool1D": ".pooling.global_max_pooling",
            "GlobalMaxPool2D": ".pooling.global_max_pooling",
            "GlobalMaxPool3D": ".pooling.global_max_pooling",
            "GlobalMaxPooling1D": ".pooling.global_max_pooling",
            "GlobalMaxPooling2D": ".pooling.global_max_pooling",
            "GlobalMaxPooling3D": ".pooling.global_max_pooling",
            "GroupNormalization": ".normalization.group_normalization",
            "Identity": ".core.identity",
            "Input": ".core.input_layer",
            "InputLayer": ".core.input_layer",
            "InputSpec": ".input_spec",
            "Layer": ".layer",
            "LayerNormalization": ".normalization.layer_normalization",
            "LeakyReLU": ".activations.leaky_relu",
            "MaxPool1D": ".pooling.max_pooling",
            "MaxPool2D": ".pooling.max_pooling",
            "MaxPool3D": ".pooling.max_pooling",
            "MaxPooling1D": ".pooling.max_pooling",
            "MaxPooling2D": ".pooling.max_pooling",
            "MaxPooling3D": ".pooling.max_pooling",
            "PReLU": ".activations.prelu",
            "Permute": ".reshaping.permute",
            "RMSNormalization": ".normalization.rms_normalization",
            "RandomBrightness": ".preprocessing.random_brightness",
            "RandomContrast": ".preprocessing.random_contrast",
            "RandomCrop": ".preprocessing.random_crop",
            "RandomFlip": ".preprocessing.random_flip",
            "RandomRotation": ".preprocessing.random_rotation",
            "RandomTranslation": ".preprocessing.random_translation",
            "RandomZoom": ".preprocessing.random_zoom",
            "ReLU": ".activations.relu",
            "RepeatVector": ".reshaping.repeat_vector",
            "Rescaling": ".preprocessing.rescaling",
            "Reshape": ".reshaping.reshape",
            "Resizing": ".preprocessing.resizing",
            "SeparableConv1D": ".convolutional.separable_convolution",
            "SeparableConv2D": ".convolutional.separable_convolution",
            "SeparableConvolution1D": ".convolutional.separable_convolution",
            "SeparableConvolution2D": ".convolutional.separable_convolution",
            "Softmax": ".activations.softmax",
            "SpatialDropout1D": ".regularization.spatial_dropout",
            "SpatialDropout2D": ".regularization.spatial_dropout",
            "SpatialDropout3D": ".regularization.spatial_dropout",
            "UnitNormalization": ".normalization.unit_normalization",
            "UpSampling1D": ".reshaping.up_sampling",
            "UpSampling2D": ".reshaping.up_sampling",
            "UpSampling3D": ".reshaping.up_sampling",
            "ZeroPadding1D": ".reshaping.zero_padding",
            "ZeroPadding2D": ".reshaping.zero_padding",
            "ZeroPadding3D": ".reshaping.zero_padding",
        },
    )
