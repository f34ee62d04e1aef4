"""The page "Inside a trained network": what stands around the pictures of `network_sheets`."""

from __future__ import annotations

PAGE = """# Inside a trained network

Pictures of one network, SqueezeNet 1.0 ([Iandola et al. 2016](https://arxiv.org/abs/1602.07360), trained on
ImageNet), made by one script:

    python docs/network_pictures.py --model squeezenet.keras --preprocess "bgr mean 104,117,123"

The weights are not part of trainvis. Any classifier that Keras can load will do: a `.keras` or `.h5` file of yours,
a converted one, or one of `keras.applications` (`--model keras:VGG16`, which Keras downloads, or
`keras:VGG16:vgg16.h5`), with its own layers named by `--layers`, `--grown` and `--dreams`. The photos come with
scikit-image and are in the public domain (CC0). `trainvis look` makes such figures one by one, as a run that the
application shows; its command stands below each picture. (It takes a photo as a whole, resized to the input of the
network. Here it is the middle square of each.)

## What in the photo mattered

Four photos, below each what the network takes it for, and seven answers to what in it mattered for that.

![Seven attributions of four photos](pictures/inside-attribution.png)

    trainvis look squeezenet.keras --preprocess "bgr mean 104,117,123" --image chelsea.png \\
        -t saliency_maps -t guided_backpropagation -t "smoothgrad(saliency_maps)" -o noise=0.05 \\
        -t integrated_gradients -t grad_cam -t guided_grad_cam -t occlusion

The cat is read off its muzzle (Grad-CAM, guided Grad-CAM, occlusion) and its eyes (integrated gradients). The espresso
is told by what is in the cup; the saucer has little part in it. The man with the camera is a *tripod*, and it is the
tripod that says so, where one asks Grad-CAM or occlusion; saliency and integrated gradients light up in his coat as
well. The rocket is taken for a *pole*, on the evidence of three: itself and the masts beside it. Guided backpropagation
draws the finest pictures and the least meaningful ones: it shows edges, whatever the class
([Adebayo et al. 2018](https://arxiv.org/abs/1810.03292)).
SmoothGrad has less noise here than in its paper, 5 % of the photo's range. With the paper's 15 % this network takes
none of twenty copies of the cat, the cup or the rocket for what it takes the photo for, and what is averaged then
explains nothing; with 5 % it does so with all twenty of the cat, the tripod and the rocket, and with fourteen of the
cup.

## What excites a feature map

The eight most active maps of the two last max-pools and of the last module, for the cat. Above, what reaches the photo
through the deconvolutional network from the strongest unit of each map; below, the part of the photo that this unit
sees, with black where it looks over the border.

![Deconvolution of the late layers for a cat](pictures/inside-deconvolution.png)

    trainvis look squeezenet.keras --preprocess "bgr mean 104,117,123" --image chelsea.png \\
        -t deconvolutional_network --layer pool8 -o top=8

Parts of the animal: after the second pool pupil, iris, nose and the stripes of the forehead; after the third whole eyes
with their lids; at the end eyes with the fur around them, and once the muzzle. Many maps find the same part.

## What a class looks for

Above by deep visualisation (`low_frequency` regularisers, {iterations} iterations), below by feature visualisation, and
below each what the network takes the picture for.

![Six classes, grown in two ways](pictures/inside-classes.png)

    trainvis look squeezenet.keras --preprocess "bgr mean 104,117,123" --unit 285 \\
        -t deep_visualization -o iterations={iterations} -o clip=true -o start=middle
    trainvis look squeezenet.keras --preprocess "bgr mean 104,117,123" --unit 285 \\
        -t feature_visualization -o steps={iterations}

{steadiness}

## What feature maps look for

The first {count} maps of a layer, from early to late. `fire2_concat`: edges in one direction, fine grain.
`fire4_concat`: textures. `fire6_concat`: spots, hooks, rings. `fire9_concat`: what looks like hair, petals, eyes.

![Feature visualisation of maps of four layers](pictures/inside-maps.png)

    trainvis look squeezenet.keras --preprocess "bgr mean 104,117,123" \\
        -t feature_visualization --unit fire6_concat:0 --unit fire6_concat:1

## Dreams

What the layers see, more of it. In the middle of the network that is eyes, on the nose, the cup, the spoon and the
camera as well; in its last module fine lines and spots, and the photo keeps its shapes.

![Deep dreams of three photos](pictures/inside-dream.png)

    trainvis look squeezenet.keras --preprocess "bgr mean 104,117,123" --image chelsea.png \\
        -t deep_dream --layer fire6_concat
"""
